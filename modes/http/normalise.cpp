#include "modes/http/normalise.hpp"

#include <algorithm>
#include <array>

namespace launch {
namespace {

constexpr std::array<std::string_view, 2> kSchemes{"http://", "https://"};

/// Of the scheme and its slashes; 0 for a target in another form.
std::size_t scheme_length(std::string_view target) {
  for (const std::string_view scheme : kSchemes)
    if (same_word(target.substr(0, scheme.size()), scheme))
      return scheme.size();
  return 0;
}

struct Target {
  std::string_view authority;  ///< empty in origin form
  std::string origin;
};

Target split_target(const RequestHead& head) {
  const std::size_t scheme = scheme_length(head.target);
  if (scheme == 0) return {{}, std::string{head.target}};
  const std::string_view rest = head.target.substr(scheme);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  Target target{rest.substr(0, end), std::string{rest.substr(end)}};
  if (target.origin.empty() && head.method == "OPTIONS")
    target.origin = "*";
  else if (!target.origin.starts_with('/'))
    target.origin.insert(0, 1, '/');
  // "user@": no part of Host.
  target.authority.remove_prefix(target.authority.rfind('@') + 1);
  return target;
}

void append_field(std::string& to, std::string_view name,
                  std::string_view value) {
  to.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool needs_normalising(const RequestHead& head) {
  return head.has_any(KnownField::server_filled) ||
         (!head.target.starts_with('/') && scheme_length(head.target) > 0);
}

std::string normalised(const RequestHead& head, std::string_view rest) {
  const Target target = split_target(head);
  std::string message;
  message.append(head.method).append(" ").append(target.origin);
  message.append(head.http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  for (const HeaderField& field : head.fields) {
    const KnownField known = known_field(field.name);
    if (known == KnownField::server_filled) continue;
    const bool replaced =
        known == KnownField::host && !target.authority.empty();
    append_field(message, field.name,
                 replaced ? target.authority : field.value);
  }
  return message.append("\r\n").append(rest);
}

}  // namespace launch
