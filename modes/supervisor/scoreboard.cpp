#include "modes/supervisor/scoreboard.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

// Processes share these: only a lock-free atomic works across address spaces.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
static_assert(std::atomic<std::int32_t>::is_always_lock_free);
static_assert(sizeof(WorkerCounters) == alignof(WorkerCounters));

constexpr auto kRelaxed = std::memory_order_relaxed;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::size_t size_of(int workers) {
  return static_cast<std::size_t>(workers) * sizeof(WorkerCounters);
}

WorkerCounters* map(int fd, int workers) {
  void* memory = ::mmap(nullptr, size_of(workers), PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) throw_errno("mmap of the scoreboard");
  return static_cast<WorkerCounters*>(memory);
}

}  // namespace

Scoreboard Scoreboard::create(int workers) {
  if (workers < 1) throw std::invalid_argument("a scoreboard without workers");
  Descriptor fd{::memfd_create("launch-scoreboard", MFD_CLOEXEC)};
  if (!fd) throw_errno("memfd_create");
  if (::ftruncate(fd.get(), static_cast<off_t>(size_of(workers))) < 0)
    throw_errno("ftruncate of the scoreboard");
  WorkerCounters* slots = map(fd.get(), workers);
  for (int i = 0; i < workers; ++i) new (slots + i) WorkerCounters{};
  return {std::move(fd), slots, workers};
}

Scoreboard Scoreboard::attach(Descriptor fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) throw_errno("fstat of the scoreboard");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0 || size % sizeof(WorkerCounters) != 0)
    throw std::invalid_argument("the descriptor is not a scoreboard");
  const auto workers = static_cast<int>(size / sizeof(WorkerCounters));
  WorkerCounters* slots = map(fd.get(), workers);
  return {std::move(fd), slots, workers};
}

Scoreboard::Scoreboard(Descriptor fd, WorkerCounters* slots, int workers)
    : fd_(std::move(fd)), slots_(slots), workers_(workers) {}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept
    : fd_(std::move(other.fd_)),
      slots_(std::exchange(other.slots_, nullptr)),
      workers_(std::exchange(other.workers_, 0)) {}

Scoreboard& Scoreboard::operator=(Scoreboard&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(slots_, other.slots_);
  std::swap(workers_, other.workers_);
  return *this;
}

Scoreboard::~Scoreboard() {
  if (slots_ != nullptr) ::munmap(slots_, size_of(workers_));
}

WorkerCounters& Scoreboard::worker(int id) {
  return const_cast<WorkerCounters&>(std::as_const(*this).worker(id));
}

const WorkerCounters& Scoreboard::worker(int id) const {
  if (id < 1 || id > workers_)
    throw std::out_of_range(
        fmt::format("worker {} of a scoreboard for {}", id, workers_));
  return slots_[id - 1];
}

std::int64_t Scoreboard::fewest_connections() const {
  auto fewest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < workers_; ++i)
    if (slots_[i].pid.load(kRelaxed) != 0)
      fewest = std::min(fewest, slots_[i].connections.load(kRelaxed));
  return fewest == std::numeric_limits<std::int64_t>::max() ? 0 : fewest;
}

std::string Scoreboard::to_json() const {
  std::string json = R"({"workers":[)";
  for (int id = 1; id <= workers_; ++id) {
    const WorkerCounters& counters = worker(id);
    json += fmt::format(
        R"({}{{"id":{},"pid":{},"requests":{},"accepted":{},"connections":{}}})",
        id == 1 ? "" : ",", id, counters.pid.load(kRelaxed),
        counters.requests.load(kRelaxed), counters.accepted.load(kRelaxed),
        counters.connections.load(kRelaxed));
  }
  return json + "]}";
}

}  // namespace launch
