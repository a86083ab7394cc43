// What a supervisor makes of what its predecessor left. That one program
// executes another is an end-to-end test.

#include "modes/supervisor/scoreboard.hpp"
#include "tests/support/supervised.hpp"

using namespace launch;

namespace {

pid_t start_sleeper() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl("/bin/sleep", "sleep", "60", nullptr);
    ::_exit(127);
  }
  return pid;
}

}  // namespace

TEST_CASE("workers of a predecessor serve on until they are replaced",
          "[supervisor]") {
  Supervised service(
      1, [](int, int) { return Supervised::shell(kWorks); }, [](ServePlan&) {},
      []() -> std::optional<Handover> {
        Scoreboard board = Scoreboard::create();
        Handover handover{.listeners = {},
                          .scoreboard = ::dup(board.fd()),
                          .stats = -1,
                          .workers = 2,
                          .processes = {}};
        for (int id = 1; id <= 2; ++id) {
          const pid_t pid = start_sleeper();
          board.take_seat(id, id);
          board.seat(id).pid = pid;
          board.seat(id).requests = 10;
          handover.processes.push_back({.seat = id, .id = id, .pid = pid});
        }
        // One that has ended in the meantime, and was waited for.
        const pid_t gone = start_sleeper();
        ::kill(gone, SIGKILL);
        ::waitpid(gone, nullptr, 0);
        board.take_seat(3, 1);
        board.seat(3).requests = 5;
        handover.processes.push_back({.seat = 3, .id = 1, .pid = gone});
        return handover;
      });
  CHECK(eventually([&] { return service.logged("Took over 3 processes"); }));
  CHECK(eventually([&] { return service.logged("every worker is new"); }));
  CHECK(eventually([&] { return service.processes() == 2; }));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
}
