#pragma once

// What an application includes:
//
//   #include <launch/app.hpp>
//
//   void register_routes(launch::Server& server) {
//     server.Get("/", [](const httplib::Request&, httplib::Response& response)
//     {
//       response.set_content("Hello, world!", "text/plain");
//     });
//   }
//   LAUNCH_APP(register_routes)
//
// Built as a shared library, `launch ./app.so` serves it. Compiles as C++17.

#include "launch/record.hpp"
#include "launch/server.hpp"

namespace launch {

/// The type of the entry that LAUNCH_APP defines.
using AppEntry = void(Server&);

inline constexpr char kDefaultSymbol[] = "launch_app";

}  // namespace launch

#if defined(__has_attribute)
#if __has_attribute(retain)
#define LAUNCH_RETAIN , gnu::retain
#endif
#endif
#ifndef LAUNCH_RETAIN
#define LAUNCH_RETAIN
#endif

/// Makes a function of launch::Server& or httplib::Server& the app's entry
/// under the name `symbol`: `launch PATH.so:symbol`. Any number per library;
/// `used` and `retain` keep the record through --gc-sections and strip.
#define LAUNCH_APP_AS(symbol, function)                          \
  namespace {                                                    \
  [[                                                             \
    gnu::section(LAUNCH_RECORD_SECTION), gnu::used LAUNCH_RETAIN \
  ]] constexpr launch::AppRecord symbol##_record =               \
      launch::make_record(#symbol);                              \
  }                                                              \
  extern "C" __attribute__((visibility("default"))) void symbol( \
      launch::Server& server);                                   \
  extern "C" void symbol(launch::Server& server) {               \
    static_cast<void>(function(server));                         \
  }

/// The entry with the default name: `launch PATH.so`.
#define LAUNCH_APP(function) LAUNCH_APP_AS(launch_app, function)
