#include "bench/during/stage.hpp"

#include <signal.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "bench/compare/probe.hpp"
#include "bench/compare/server_under_test.hpp"
#include "bench/during/held_connections.hpp"
#include "bench/during/loopback_port.hpp"
#include "bench/report/machine.hpp"
#include "modes/base/process_stats.hpp"

namespace launch::bench {
namespace {

constexpr milliseconds kFreezeLimit{1000};
constexpr milliseconds kFreezePause{1};

/// The state letter of /proc/PID/stat, which follows the name; 'X' for none.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= stat.size()
             ? 'X'
             : stat[name_end + 2];
}

void freeze(pid_t pid) {
  ::kill(pid, SIGSTOP);
  const Clock::time_point limit = Clock::now() + kFreezeLimit;
  constexpr std::string_view kStill = "TXZ";
  while (kStill.find(state_of(pid)) == std::string_view::npos &&
         Clock::now() < limit)
    std::this_thread::sleep_for(kFreezePause);
}

bool is_alive(pid_t pid) {
  const char state = state_of(pid);
  return state != 'X' && state != 'Z';
}

std::vector<pid_t> children(pid_t pid) {
  std::vector<pid_t> tree = process_tree(pid);
  std::erase(tree, pid);
  return tree;
}

}  // namespace

Stage real_stage() {
  Stage stage;
  stage.start = [](const Contender& contender, milliseconds limit) {
    return std::make_unique<ServerUnderTest>(contender, limit);
  };
  stage.probe = probe;
  stage.load = run_load;
  stage.free_port = free_loopback_port;
  stage.now = Clock::now;
  stage.sleep = [](milliseconds time) { std::this_thread::sleep_for(time); };
  stage.signal = [](pid_t pid, int number) { ::kill(pid, number); };
  stage.freeze = freeze;
  stage.is_alive = is_alive;
  stage.children = children;
  stage.held = held_connections;
  stage.machine = read_machine();
  return stage;
}

}  // namespace launch::bench
