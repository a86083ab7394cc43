#pragma once

#include <cstddef>
#include <cstdint>

#include "launch/server.hpp"

namespace launch {

/// Raised whenever AppRecord, launch::Server or the entry's type changes.
inline constexpr std::uint32_t kContractVersion = 1;

/// The ELF section that holds a library's records. A C identifier, because
/// compilers add no padding of their own to variables in such sections.
#define LAUNCH_RECORD_SECTION "launch_app_record"

inline constexpr char kRecordMagic[16] = "launch app rec\n";

/// How an app was compiled: a constant in a section of its own, so that it can
/// be read from the file before any code of the library runs. Text is padded
/// with zeros and ends with one. The first three fields never move.
struct AppRecord {
  char magic[16] = {};
  std::uint32_t record_size = 0;  ///< bytes, this one included
  std::uint32_t contract_version = 0;
  char symbol[64] = {};           ///< the entry's name
  char httplib_version[32] = {};  ///< "0.11.4"
  char standard_library[32] = {};
  std::uint32_t httplib_macros = 0;  ///< bits of kHttplibMacros
  std::uint32_t httplib_server_size = 0;
  std::uint32_t server_size = 0;
  std::uint32_t request_size = 0;
  std::uint32_t response_size = 0;
  std::uint32_t reserved = 0;
};

/// The macros that change the layout of cpp-httplib's types; each is a bit.
inline constexpr const char* kHttplibMacros[] = {"CPPHTTPLIB_OPENSSL_SUPPORT",
                                                 "CPPHTTPLIB_ZLIB_SUPPORT",
                                                 "CPPHTTPLIB_BROTLI_SUPPORT"};

inline constexpr std::uint32_t kCompiledHttplibMacros = 0
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
                                                        | 1
#endif
#ifdef CPPHTTPLIB_ZLIB_SUPPORT
                                                        | 2
#endif
#ifdef CPPHTTPLIB_BROTLI_SUPPORT
                                                        | 4
#endif
    ;

// Only what makes two libraries incompatible: their releases do not.
inline constexpr char kStandardLibrary[] =
#if defined(_LIBCPP_VERSION)
    "libc++"
#elif defined(_GLIBCXX_DEBUG)
    "libstdc++, debug mode"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
    "libstdc++, C++11 ABI"
#else
    "libstdc++, old ABI"
#endif
    ;

namespace detail {

template <std::size_t N, std::size_t M>
constexpr void copy_text(char (&to)[N], const char (&from)[M]) {
  static_assert(M <= N, "the text does not fit into launch's app record");
  for (std::size_t i = 0; i < M; ++i) to[i] = from[i];
}

template <typename T>
constexpr std::uint32_t size_of() {
  return static_cast<std::uint32_t>(sizeof(T));
}

}  // namespace detail

/// The record of the translation unit that calls it.
template <std::size_t N>
constexpr AppRecord make_record(const char (&symbol)[N]) {
  AppRecord record;
  detail::copy_text(record.magic, kRecordMagic);
  record.record_size = detail::size_of<AppRecord>();
  record.contract_version = kContractVersion;
  detail::copy_text(record.symbol, symbol);
  detail::copy_text(record.httplib_version, CPPHTTPLIB_VERSION);
  detail::copy_text(record.standard_library, kStandardLibrary);
  record.httplib_macros = kCompiledHttplibMacros;
  record.httplib_server_size = detail::size_of<httplib::Server>();
  record.server_size = detail::size_of<Server>();
  record.request_size = detail::size_of<httplib::Request>();
  record.response_size = detail::size_of<httplib::Response>();
  return record;
}

}  // namespace launch
