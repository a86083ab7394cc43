#pragma once

#include <string>
#include <vector>

// The conformance list: tests/conformance/requests/*.txt, whose format is
// described in requests/README.md.

namespace conformance {

/// Bytes that are written at once.
struct Piece {
  std::string bytes;
  bool after_answer = false;  ///< only when the server has sent something
};

struct Entry {
  std::string group;  ///< the file's name: "good", "odd" or "bad"
  std::string name;
  std::string slug;           ///< the name as part of a path
  std::vector<int> statuses;  ///< of all responses, in order
  std::vector<Piece> pieces;
  bool each_byte = false;  ///< is a write of its own
  std::string app;         ///< "plain", "full", or empty for both
  std::string has;         ///< a text in the answer; empty for any
  std::string lacks;       ///< a text that is not in it
  std::string differs;     ///< the row of intended_differences() that says why
                           ///< cpp-httplib's own answer is another
  std::string fault;       ///< why the answer is not yet as it should be

  std::string bytes() const;
  bool suits(const std::string& which) const {
    return app.empty() || app == which;
  }
};

/// Throws std::runtime_error with file and line when the text is malformed.
std::vector<Entry> parse_requests(const std::string& group,
                                  const std::string& text);

/// Everything in requests/.
std::vector<Entry> all_requests();

}  // namespace conformance
