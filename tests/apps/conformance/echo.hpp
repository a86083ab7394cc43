#pragma once

#include <httplib.h>

#include <string>

// What a handler sees of a request, as text.

namespace conformance {

/// A port is only named when it is not the one that the server knows, since
/// that differs from run to run.
inline std::string header_text(const httplib::Request& request,
                               const std::string& name,
                               const std::string& value) {
  if (name == "REMOTE_PORT" && value == std::to_string(request.remote_port))
    return "(the client's)";
  if (name == "LOCAL_PORT" && value == std::to_string(request.local_port))
    return "(the server's)";
  return value;
}

inline void append(std::string& text, const std::string& what,
                   const std::string& value) {
  text += what + ": " + value + "\n";
}

inline std::string seen(const httplib::Request& request) {
  std::string text;
  append(text, "method", request.method);
  append(text, "path", request.path);
  append(text, "target", request.target);
  append(text, "version", request.version);
  append(text, "remote address", request.remote_addr);
  append(text, "remote port", request.remote_port > 0 ? "known" : "unknown");
  append(text, "local address", request.local_addr);
  append(text, "local port", request.local_port > 0 ? "known" : "unknown");
  append(text, "matches", std::to_string(request.matches.size()));
  for (std::size_t i = 0; i < request.matches.size(); ++i)
    append(text, "match " + std::to_string(i),
           (request.matches[i].matched ? "" : "(none) ") +
               request.matches[i].str());
  for (const auto& [name, value] : request.params)
    append(text, "parameter " + name, value);
  for (const auto& [name, value] : request.headers)
    append(text, "header " + name, header_text(request, name, value));
  for (const auto& [first, last] : request.ranges)
    append(text, "range",
           std::to_string(first) + " to " + std::to_string(last));
  for (const auto& [name, file] : request.files)
    append(text, "file " + name,
           file.filename + " " + file.content_type + " " +
               std::to_string(file.content.size()) + " bytes");
  append(text, "body", std::to_string(request.body.size()) + " bytes");
  // A megabyte of it would say no more.
  return text + request.body.substr(0, 1000) + "\n";
}

inline void echo(const httplib::Request& request, httplib::Response& response) {
  response.set_content(seen(request), "text/plain");
}

}  // namespace conformance
