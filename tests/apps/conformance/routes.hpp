#pragma once

#include <fcntl.h>
#include <httplib.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/apps/conformance/echo.hpp"

// The routes of the conformance list. One function registers them on any kind
// of server, so that what is compared differs in the server alone.

namespace conformance {

using httplib::ContentReader;
using httplib::DataSink;
using httplib::MultipartFormData;
using httplib::Request;
using httplib::Response;

inline constexpr char kText[] = "text/plain";
inline constexpr std::size_t kPayloadMaxLength = 100'000;

/// Appends a line to the file CONFORMANCE_RUNS: whether a handler ran must show
/// even when its response is never sent.
inline void note_run(const std::string& name) {
  const char* path = std::getenv("CONFORMANCE_RUNS");
  if (path == nullptr) return;
  const std::string line = name + "\n";
  // One write in append mode: lines of several processes never mix.
  const int file =
      ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
  ::close(file);
}

inline void answer(Response& response, const std::string& text) {
  response.set_content(text, kText);
}

/// `size` bytes: the alphabet, again and again.
inline std::string letters(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>('a' + i % 26);
  return text;
}

/// A handler that answers with `text`.
inline httplib::Server::Handler says(const std::string& text) {
  return [text](const Request&, Response& response) { answer(response, text); };
}

template <typename Server>
void register_matching(Server& server) {
  server.Get("/hello", says("Hello, world!\n"));
  server.Get("/echo", echo);
  server.Get("/echo/(.*)", echo);
  server.Post("/echo", echo);
  server.Put("/echo", echo);
  server.Patch("/echo", echo);
  server.Delete("/echo", echo);
  server.Options("/echo", echo);
  server.Options("\\*", echo);
  // The first that matches wins, whichever is the more exact.
  server.Get("/users/me", says("the literal before the pattern\n"));
  server.Get(R"(/users/(\d+))", echo);
  server.Get(R"(/users/([^/]+))", echo);
  server.Get(R"(/users/([^/]+)/posts/(\d+))", echo);
  server.Get("/users/you", says("never: a pattern came first\n"));
  server.Get("/f.rst", says("a dot is any character\n"));
  server.Get("/first", says("never: the dot came first\n"));
  server.Get("/twice", says("the first of two\n"));
  server.Get("/twice", says("never: the second of two\n"));
  server.Get("/both", says("GET\n"));
  server.Post("/both", says("POST\n"));
  server.Get("/five/(a)(b)?(c)(d*)(e|f)", echo);
  server.Get("/files/(.*)", [](const Request& request, Response& response) {
    const std::string name = request.matches[1];
    answer(response, "file of " + std::to_string(name.size()) +
                         " characters: " + name.substr(0, 40) + "\n");
  });
  server.Get("/run/(.*)", [](const Request& request, Response& response) {
    note_run(request.matches[1]);
    answer(response, "ran\n");
  });
  server.Get("/address", [](const Request& request, Response& response) {
    const bool known =
        request.get_header_value("REMOTE_ADDR") == request.remote_addr &&
        request.get_header_value("REMOTE_PORT") ==
            std::to_string(request.remote_port) &&
        request.get_header_value("LOCAL_ADDR") == request.local_addr &&
        request.get_header_value("LOCAL_PORT") ==
            std::to_string(request.local_port);
    answer(response, request.remote_addr + " to " + request.local_addr +
                         (known ? ", the fields agree\n" : ", forged\n"));
  });
}

template <typename Server>
void register_answers(Server& server) {
  server.Get(R"(/status/(\d+))",
             [](const Request& request, Response& response) {
               response.status = std::stoi(request.matches[1]);
             });
  server.Get(R"(/status-and-body/(\d+))",
             [](const Request& request, Response& response) {
               response.status = std::stoi(request.matches[1]);
               answer(response, "with a body\n");
             });
  server.Get("/nothing", [](const Request&, Response&) {});
  server.Get("/empty", says(""));
  server.Get(R"(/letters/(\d+))",
             [](const Request& request, Response& response) {
               answer(response, letters(std::stoul(request.matches[1])));
             });
  server.Get("/zeros", [](const Request&, Response& response) {
    response.set_content(std::string("a\0b\r\nc\xff", 7),
                         "application/octet-stream");
  });
  server.Get("/json", [](const Request&, Response& response) {
    response.set_content(R"({"message": "Hello, world!"})", "application/json");
  });
  server.Get("/throws", [](const Request&, Response&) {
    throw std::runtime_error("a secret");
  });
  server.Get("/throws-a-number", [](const Request&, Response&) { throw 42; });
  server.Get("/throws-late", [](const Request&, Response& response) {
    response.set_header("X-Before", "set");
    answer(response, "set before\n");
    throw std::runtime_error("after the content was set");
  });
  server.Get("/redirect", [](const Request&, Response& response) {
    response.set_redirect("/hello");
  });
  server.Post("/redirect", [](const Request&, Response& response) {
    response.set_redirect("/hello", 303);
  });
  server.Get("/cookies", [](const Request&, Response& response) {
    response.set_header("Set-Cookie", "a=1; Path=/; HttpOnly");
    response.set_header("Set-Cookie", "b=2; Secure");
    response.set_header("X-Empty", "");
    response.set_header("x-lower", "kept");
    answer(response, "two cookies\n");
  });
  server.Get("/close", [](const Request&, Response& response) {
    response.set_header("Connection", "close");
    answer(response, "the handler closes\n");
  });
  server.Get("/own-type", [](const Request&, Response& response) {
    response.set_header("Content-Type", "text/x-own; charset=utf-8");
    response.body = "a body without set_content\n";
  });
}

/// Receives a body through a content reader and says what it was.
inline void receive(const Request& request, Response& response,
                    const ContentReader& reader) {
  std::string text;
  if (request.is_multipart_form_data()) {
    std::size_t bytes = 0;
    reader(
        [&](const MultipartFormData& part) {
          text += "part " + part.name + " " + part.filename + "\n";
          return true;
        },
        [&](const char*, std::size_t size) {
          bytes += size;
          return true;
        });
    text += std::to_string(bytes) + " bytes in parts\n";
  } else {
    std::string body;
    const bool whole = reader([&](const char* data, std::size_t size) {
      body.append(data, size);
      return true;
    });
    text = std::to_string(body.size()) + (whole ? " bytes: " : " bytes of ") +
           body.substr(0, 1000) + "\n";
  }
  answer(response, request.method + " " + text);
}

template <typename Server>
void register_receivers(Server& server) {
  server.Post("/form", echo);
  server.Post("/upload", echo);
  server.Post("/reader", receive);
  server.Put("/reader", receive);
  server.Patch("/reader", receive);
  server.Delete("/reader", receive);
  server.Post("/reader/unread",
              [](const Request&, Response& response, const ContentReader&) {
                answer(response, "not read\n");
              });
  server.Post("/reader/stops", [](const Request&, Response& response,
                                  const ContentReader& reader) {
    const bool whole = reader([](const char*, std::size_t) { return false; });
    answer(response, whole ? "whole\n" : "stopped\n");
  });
}

template <typename Server>
void register_providers(Server& server) {
  server.Get("/provider/length", [](const Request&, Response& response) {
    response.set_content_provider(
        260, kText, [](std::size_t offset, std::size_t length, DataSink& sink) {
          const std::string text = letters(260).substr(offset, length);
          // In small pieces, as from a file.
          return sink.write(text.data(), std::min<std::size_t>(text.size(), 7));
        });
  });
  server.Get("/provider/unknown", [](const Request&, Response& response) {
    response.set_content_provider(kText,
                                  [](std::size_t offset, DataSink& sink) {
                                    if (offset >= 52) {
                                      sink.done();
                                      return true;
                                    }
                                    return sink.write(letters(26).data(), 26);
                                  });
  });
  server.Get(R"(/provider/chunked/(\d+)/(\d+))",
             [](const Request& request, Response& response) {
               const std::size_t chunks = std::stoul(request.matches[1]);
               const std::size_t size = std::stoul(request.matches[2]);
               response.set_chunked_content_provider(
                   kText, [=](std::size_t offset, DataSink& sink) {
                     if (offset >= chunks * size) {
                       sink.done();
                       return true;
                     }
                     return sink.write(letters(size).data(), size);
                   });
             });
  server.Get("/provider/events", [](const Request&, Response& response) {
    response.set_chunked_content_provider(
        "text/event-stream", [](std::size_t offset, DataSink& sink) {
          sink.os << "data: at " << offset << "\n\n";
          if (offset > 40) sink.done();
          return true;
        });
  });
  server.Get("/provider/fails", [](const Request&, Response& response) {
    response.set_content_provider(
        260, kText, [](std::size_t offset, std::size_t, DataSink& sink) {
          return offset < 26 && sink.write(letters(26).data(), 26);
        });
  });
}

/// Routes and nothing around them: what a server may take the shortest way for.
template <typename Server>
void register_plain(Server& server) {
  server.set_payload_max_length(kPayloadMaxLength);
  register_matching(server);
  register_answers(server);
  register_receivers(server);
  register_providers(server);
}

}  // namespace conformance
