#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace launch {

/// Fills a request's headers, one put() per header in the order of the client,
/// between start() and finish(). Always the same `headers`.
template <typename Headers>
class HeaderSlots {
 public:
  void start(Headers& headers) { headers.clear(); }
  void put(Headers& headers, std::string_view name, std::string_view value) {
    headers.emplace(std::string{name}, std::string{value});
  }
  void finish(Headers&) {}
};

/// Where the container has nodes, those of one request serve the next. One
/// program sends the same headers in the same order with each request: then
/// only the values change.
template <typename Headers>
requires requires { typename Headers::node_type; }
class HeaderSlots<Headers> {
 public:
  void start(Headers&) { used_ = 0; }
  void put(Headers& headers, std::string_view name, std::string_view value) {
    if (used_ < slots_.size()) {
      if (slots_[used_]->first == name) {
        slots_[used_++]->second = value;
        return;
      }
      cut(headers);
    }
    if (spare_.empty()) {
      slots_.push_back(headers.emplace(std::string{name}, std::string{value}));
    } else {
      auto node = std::move(spare_.back());
      spare_.pop_back();
      node.key() = name;
      node.mapped() = value;
      slots_.push_back(headers.insert(std::move(node)));
    }
    ++used_;
  }
  void finish(Headers& headers) {
    if (used_ < slots_.size()) cut(headers);
  }

 private:
  static constexpr std::size_t kKept = 64;

  /// Headers of equal name stand in order of insertion: what comes after a
  /// changed one is inserted anew.
  void cut(Headers& headers) {
    while (slots_.size() > used_) {
      auto node = headers.extract(slots_.back());
      slots_.pop_back();
      if (spare_.size() < kKept) spare_.push_back(std::move(node));
    }
  }

  std::vector<typename Headers::iterator> slots_;   ///< in the client's order
  std::vector<typename Headers::node_type> spare_;  ///< for more headers
  std::size_t used_ = 0;                            ///< of slots_
};

}  // namespace launch
