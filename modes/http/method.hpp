#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace launch {

/// The methods that cpp-httplib routes, in no order that matters.
enum class Method : std::uint8_t { get, post, put, patch, delete_, options };

inline constexpr std::array<std::string_view, 6> kMethodNames{
    "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

}  // namespace launch
