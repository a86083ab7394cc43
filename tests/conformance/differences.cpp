#include "tests/conformance/differences.hpp"

#include <array>
#include <cctype>

namespace conformance {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// Removes the first line that begins with `start`; whether there was one.
bool erase_line(std::string& answer, const std::string& start) {
  const auto at = answer.find("\r\n" + start);
  if (at == std::string::npos) return false;
  answer.erase(at, answer.find(kLineEnd, at + 2) - at);
  return true;
}

bool has_line(const std::string& answer, const std::string& start) {
  return answer.find("\r\n" + start) != std::string::npos;
}

bool mentions_connection(const Entry& entry) {
  std::string bytes = entry.bytes();
  for (char& c : bytes)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return bytes.find("\r\nconnection:") != std::string::npos ||
         bytes.find(" http/1.0\r\n") != std::string::npos;
}

void settle_keep_alive(const Entry&, Answers& answers) {
  while (erase_line(answers.own, "Keep-Alive: timeout=")) {
  }
}

void settle_connection(const Entry& entry, Answers& answers) {
  if (!mentions_connection(entry) || has_line(answers.own, "Connection: "))
    return;
  if (!erase_line(answers.ours, "Connection: close"))
    erase_line(answers.ours, "Connection: keep-alive");
}

void settle_endless(const Entry&, Answers& answers) {
  for (const char* name :
       {"Content-Length: ", "Transfer-Encoding: ", "Connection: "})
    if (has_line(answers.own, name)) return;
  erase_line(answers.ours, "Connection: close");
}

void settle_no_content(const Entry&, Answers& answers) {
  if (answers.own.starts_with("HTTP/1.1 204 "))
    erase_line(answers.own, "Content-Length: 0");
}

void settle_exception(const Entry&, Answers& answers) {
  if (!erase_line(answers.own, "EXCEPTION_WHAT: ") ||
      !answers.ours.ends_with("\r\n\r\nInternal Server Error\n"))
    return;
  for (std::string* answer : {&answers.ours, &answers.own}) {
    answer->resize(answer->find("\r\n\r\n"));
    erase_line(*answer, "Content-Type: ");
    erase_line(*answer, "Content-Length: ");
  }
}

constexpr std::array kDifferences{
    Difference{"`Keep-Alive`", "is not sent",
               "`timeout=5, max=5`, whatever happens", settle_keep_alive},
    Difference{"`Connection`",
               "says what happens to the connection, also to a client of "
               "HTTP/1.0 and to one that asks for `close` in a list",
               "only understands the exact value `close`", settle_connection},
    Difference{
        "a body without a length", "ends with the connection, and says so",
        "leaves the connection open and the client waiting", settle_endless},
    Difference{"status 204", "has no `Content-Length`",
               "says `Content-Length: 0`", settle_no_content},
    Difference{"a handler's exception", "a plain 500; the text goes to the log",
               "sends the text to the client as `EXCEPTION_WHAT`",
               settle_exception},
    Difference{"pipelined requests", "are answered in order",
               "are lost when they arrive together", nullptr},
    Difference{"unread bodies",
               "end with their message, whether the handler read them or not",
               "become the next request after GET, HEAD and OPTIONS, or when "
               "a content reader leaves them",
               nullptr},
    Difference{"no length",
               "a request without Content-Length and Transfer-Encoding has no "
               "body",
               "takes all that follows for the body of a POST, PUT or PATCH",
               nullptr},
    Difference{"absolute targets", "`http://host/path` is routed as `/path`",
               "has no route for it", nullptr},
    Difference{"forged address fields",
               "`REMOTE_ADDR` and the like are the server's alone",
               "puts the client's before its own", nullptr},
    Difference{"blank lines", "are let pass before a request line",
               "end the connection", nullptr},
    Difference{"Expect refused",
               "the body is not asked for, nothing is routed, and the "
               "connection ends",
               "routes the request nevertheless where the handler of Expect "
               "said 417, and answers twice",
               nullptr},
    Difference{"long targets", "may be 8192 bytes long",
               "count the whole request line", nullptr},
    Difference{"compression",
               "of answers from `--compress-min` on, 1 KiB by default; below, "
               "what is called after the handler sees `Accept-Encoding: "
               "identity`",
               "of every text that the client takes compressed", nullptr},
    Difference{"Expect in other letters", "`100-Continue` is understood",
               "waits for the body in silence", nullptr},
};

}  // namespace

std::span<const Difference> intended_differences() { return kDifferences; }

}  // namespace conformance
