#include "modes/supervisor/handover.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace launch {
namespace {

using nlohmann::json;

std::string contents(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  off_t at = 0;
  for (ssize_t n = 0; (n = ::pread(fd, part.data(), part.size(), at)) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(n));
    at += n;
  }
  return text;
}

}  // namespace

std::string to_json(const Handover& handover) {
  json result{
      {"version", Handover::kVersion}, {"scoreboard", handover.scoreboard},
      {"stats", handover.stats},       {"workers", handover.workers},
      {"listeners", json::array()},    {"processes", json::array()}};
  for (const auto& listener : handover.listeners)
    result["listeners"].push_back({{"fd", listener.fd},
                                   {"url", listener.url},
                                   {"port", listener.port},
                                   {"inherited", listener.inherited},
                                   {"file", listener.file}});
  for (const auto& process : handover.processes)
    result["processes"].push_back({{"seat", process.seat},
                                   {"id", process.id},
                                   {"pid", process.pid},
                                   {"leaving", process.leaving}});
  return result.dump();
}

Handover parse_handover(const std::string& text) {
  try {
    const json given = json::parse(text);
    if (given.at("version") != Handover::kVersion)
      throw std::runtime_error(fmt::format(
          "the running program hands over in version {}, this one takes "
          "version {}: restart the service instead",
          given.at("version").dump(), Handover::kVersion));
    Handover result{.listeners = {},
                    .scoreboard = given.at("scoreboard"),
                    .stats = given.at("stats"),
                    .workers = given.at("workers"),
                    .processes = {}};
    for (const json& listener : given.at("listeners"))
      result.listeners.push_back({listener.at("fd"), listener.at("url"),
                                  listener.at("port"), listener.at("inherited"),
                                  listener.at("file")});
    for (const json& process : given.at("processes"))
      result.processes.push_back({process.at("seat"), process.at("id"),
                                  process.at("pid"), process.at("leaving")});
    return result;
  } catch (const json::exception& error) {
    throw std::runtime_error(
        fmt::format("what the running program handed over makes no sense: {}",
                    error.what()));
  }
}

Descriptor store(const Handover& handover) {
  Descriptor file{::memfd_create("launch-handover", 0)};
  const std::string text = to_json(handover);
  if (!file || ::write(file.get(), text.data(), text.size()) !=
                   static_cast<ssize_t>(text.size()))
    throw std::system_error(errno, std::generic_category(), "memfd_create");
  return file;
}

std::string check_only() { return fmt::format("check:{}", Handover::kVersion); }

std::optional<HandoverRequest> take_handover() {
  const char* const value = std::getenv(kHandoverVariable);
  if (value == nullptr) return std::nullopt;
  const std::string text = value;
  ::unsetenv(kHandoverVariable);
  if (text == check_only()) return HandoverRequest{.check_only = true};
  if (text.starts_with("check:"))
    throw std::runtime_error(fmt::format(
        "the running program hands over in version {}, this one takes version "
        "{}: restart the service instead",
        text.substr(text.find(':') + 1), Handover::kVersion));
  int fd = -1;
  const auto end =
      std::from_chars(text.data(), text.data() + text.size(), fd).ptr;
  if (fd < 0 || end != text.data() + text.size())
    throw std::runtime_error(
        fmt::format("{}={} names no descriptor: it is not for users, unset it",
                    kHandoverVariable, text));
  const Descriptor file{fd};
  return HandoverRequest{.handover = parse_handover(contents(file.get()))};
}

std::vector<Handover::Listener> to_hand_over(
    const std::vector<Bound>& listeners) {
  std::vector<Handover::Listener> result;
  for (const Bound& bound : listeners)
    result.push_back({bound.fd.get(), bound.url, bound.port, bound.inherited,
                      bound.file.path()});
  return result;
}

std::vector<Bound> take_over(const std::vector<Handover::Listener>& listeners) {
  std::vector<Bound> result;
  for (const auto& listener : listeners) {
    keep_on_exec(listener.fd, false);
    result.push_back({.fd = Descriptor{listener.fd},
                      .url = listener.url,
                      .port = listener.port,
                      .inherited = listener.inherited,
                      .file = SocketFile::take_over(listener.file)});
  }
  return result;
}

void keep_on_exec(int fd, bool keep) {
  if (fd >= 0) ::fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

}  // namespace launch
