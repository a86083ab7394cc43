#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "modes/http/field.hpp"

namespace launch {

/// The header fields that decide how a request is read or answered.
enum class KnownField : std::uint8_t {
  other,
  host,
  range,
  expect,
  connection,
  content_type,
  content_length,
  accept_encoding,
  content_encoding,
  transfer_encoding,
  server_filled,  ///< cpp-httplib adds these: a client must not forge them
};

struct KnownFieldRow {
  std::string_view name;
  KnownField field;
};

inline constexpr std::array kKnownFields{
    KnownFieldRow{"Host", KnownField::host},
    KnownFieldRow{"Range", KnownField::range},
    KnownFieldRow{"Expect", KnownField::expect},
    KnownFieldRow{"Connection", KnownField::connection},
    KnownFieldRow{"Content-Type", KnownField::content_type},
    KnownFieldRow{"Content-Length", KnownField::content_length},
    KnownFieldRow{"Accept-Encoding", KnownField::accept_encoding},
    KnownFieldRow{"Content-Encoding", KnownField::content_encoding},
    KnownFieldRow{"Transfer-Encoding", KnownField::transfer_encoding},
    KnownFieldRow{"REMOTE_ADDR", KnownField::server_filled},
    KnownFieldRow{"REMOTE_PORT", KnownField::server_filled},
    KnownFieldRow{"LOCAL_ADDR", KnownField::server_filled},
    KnownFieldRow{"LOCAL_PORT", KnownField::server_filled},
};

inline KnownField known_field(std::string_view name) {
  for (const KnownFieldRow& row : kKnownFields)
    if (same_word(name, row.name)) return row.field;
  return KnownField::other;
}

/// One header line, without the white space around its value.
struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// The parts of a request's head: views into the bytes that were received.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  bool http10 = false;
  std::size_t length = 0;  ///< from the request line to the blank line's end
  std::vector<HeaderField> fields;  ///< in the order of the client

  void clear() {
    method = target = {};
    http10 = false;
    length = 0;
    fields.clear();
    seen_ = 0;
  }
  bool empty() const { return method.empty(); }

  void add(const HeaderField& field, KnownField known) {
    fields.push_back(field);
    seen_ |= bit(known);
  }
  template <typename... Fields>
  bool has_any(Fields... known) const {
    return (seen_ & (bit(known) | ...)) != 0;
  }

 private:
  static constexpr std::uint32_t bit(KnownField field) {
    return 1u << static_cast<unsigned>(field);
  }
  std::uint32_t seen_ = 0;
};

}  // namespace launch
