#pragma once

#include "launch/app.hpp"

namespace launch {

/// The built-in app, with endpoints that make modes differ:
///   GET /            "Hello, world!" as plain text
///   GET /json        {"message":"Hello, world!"}
///   GET /cpu?us=N    burns N µs of the handling thread's own CPU time
///   GET /block?ms=N  sleeps N ms, as a call to a database would
///   GET /bytes?n=N   N bytes
///   POST /echo       the body, under its own content type
///   GET /crash       ends the process with SIGSEGV
///   GET /whoami      {"worker":1,"pid":2,"thread":3}
void register_demo(Server& server);

}  // namespace launch
