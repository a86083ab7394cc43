#include "modes/supervisor/scoreboard.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

template <typename Places>
auto& at(Places& places, int number, const char* what) {
  if (number < 1 || static_cast<std::size_t>(number) > places.size())
    throw std::out_of_range(fmt::format("{} {} of a scoreboard", what, number));
  return places[static_cast<std::size_t>(number) - 1];
}

}  // namespace

/// New memory is zero, which is what every counter begins with.
struct Scoreboard::Memory {
  std::atomic<std::int32_t> taken;
  std::array<SlotTotals, kWorkers> totals;
  std::array<Seat, kSeats> seats;
};

Scoreboard Scoreboard::create() {
  Descriptor fd{::memfd_create("launch-scoreboard", MFD_CLOEXEC)};
  if (!fd) throw_errno("memfd_create");
  if (::ftruncate(fd.get(), sizeof(Memory)) < 0)
    throw_errno("ftruncate of the scoreboard");
  return attach(std::move(fd));
}

Scoreboard Scoreboard::attach(Descriptor fd) {
  static_assert(std::is_trivially_destructible_v<Memory>);
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) throw_errno("fstat of the scoreboard");
  if (static_cast<std::size_t>(status.st_size) != sizeof(Memory))
    throw std::invalid_argument("the descriptor is not a scoreboard");
  void* memory = ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_NORESERVE, fd.get(), 0);
  if (memory == MAP_FAILED) throw_errno("mmap of the scoreboard");
  return {std::move(fd), static_cast<Memory*>(memory)};
}

Scoreboard::Scoreboard(Descriptor fd, Memory* memory)
    : fd_(std::move(fd)), memory_(memory) {}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept
    : fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, nullptr)) {}

Scoreboard& Scoreboard::operator=(Scoreboard&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(memory_, other.memory_);
  return *this;
}

Scoreboard::~Scoreboard() {
  if (memory_ != nullptr) ::munmap(memory_, sizeof(Memory));
}

Seat& Scoreboard::seat(int number) {
  return at(memory_->seats, number, "seat");
}

const Seat& Scoreboard::seat(int number) const {
  return at(memory_->seats, number, "seat");
}

SlotTotals& Scoreboard::totals(int id) {
  return at(memory_->totals, id, "worker");
}

const SlotTotals& Scoreboard::totals(int id) const {
  return at(memory_->totals, id, "worker");
}

int Scoreboard::taken() const { return memory_->taken.load(kRelaxed); }

void Scoreboard::take_seat(int number, int id) {
  seat(number).id.store(id, kRelaxed);
  memory_->taken.store(std::max(taken(), number), kRelaxed);
}

void Scoreboard::leave_seat(int number) {
  Seat& left = seat(number);
  SlotTotals& totals = this->totals(left.id.load(kRelaxed));
  totals.requests.fetch_add(left.requests.load(kRelaxed), kRelaxed);
  totals.accepted.fetch_add(left.accepted.load(kRelaxed), kRelaxed);
  totals.bytes_sent.fetch_add(left.bytes_sent.load(kRelaxed), kRelaxed);
  totals.latency.add(left.latency);
  std::destroy_at(&left);
  std::construct_at(&left);
}

std::int64_t Scoreboard::fewest_connections() const {
  constexpr auto kNone = std::numeric_limits<std::int64_t>::max();
  auto fewest = kNone;
  for (int number = 1; number <= taken(); ++number)
    if (const Seat& s = seat(number); s.pid.load(kRelaxed) != 0)
      fewest = std::min(fewest, s.connections.load(kRelaxed));
  return fewest == kNone ? 0 : fewest;
}

Scoreboard::WorkerSums Scoreboard::sums(int id) const {
  const SlotTotals& before = totals(id);
  WorkerSums sums;
  sums.requests = before.requests.load(kRelaxed);
  sums.accepted = before.accepted.load(kRelaxed);
  sums.bytes_sent = before.bytes_sent.load(kRelaxed);
  for (int number = 1; number <= taken(); ++number) {
    const Seat& s = seat(number);
    if (s.id.load(kRelaxed) != id) continue;
    sums.requests += s.requests.load(kRelaxed);
    sums.accepted += s.accepted.load(kRelaxed);
    sums.bytes_sent += s.bytes_sent.load(kRelaxed);
    sums.connections += s.connections.load(kRelaxed);
    if (const int pid = s.pid.load(kRelaxed); pid != 0) sums.pid = pid;
  }
  return sums;
}

std::string Scoreboard::to_json(int workers) const {
  std::string json = R"({"workers":[)";
  for (int id = 1; id <= workers; ++id) {
    const WorkerSums worker = sums(id);
    json += fmt::format(
        R"({}{{"id":{},"pid":{},"requests":{},"accepted":{},"connections":{}}})",
        id == 1 ? "" : ",", id, worker.pid, worker.requests, worker.accepted,
        worker.connections);
  }
  return json + "]}";
}

}  // namespace launch
