#include "modes/template.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

#include "modes/base/clone.hpp"
#include "modes/log.hpp"
#include "modes/supervisor/template_channel.hpp"

namespace launch {
namespace {

void tell(const Descriptor& supervisor, const std::string& news) {
  [[maybe_unused]] const auto written =
      ::write(supervisor.get(), news.data(), news.size());
}

std::ptrdiff_t thread_count() {
  std::error_code error;
  const std::filesystem::directory_iterator threads("/proc/self/task", error);
  return std::distance(begin(threads), end(threads));
}

/// Only the thread that clones is in the clone.
void require_one_thread(const AppSpec& spec) {
  if (const auto threads = thread_count(); threads > 1)
    throw AppError(fmt::format(
        "{}: it started {} threads while it was loaded, which the workers of "
        "--preload would not have: start them in a start-up hook "
        "(launch::on_start), or run it without --preload",
        spec.text, threads - 1));
}

/// What exec() and its preparation do for other workers. False when the
/// supervisor is gone already.
bool become_worker(pid_t supervisor, int id) {
  ::setpgid(0, 0);
  ::setenv("LAUNCH_WORKER_ID", std::to_string(id).c_str(), 1);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  return ::getppid() == supervisor;
}

}  // namespace

ServeResult run_template(WorkerPlan plan, WorkerLinks links,
                         Descriptor channel) {
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t supervisor = ::getppid();
  try {
    App app = load_app(plan.app);
    require_one_thread(plan.app);
    log_info("Preloaded the application in process [{}]", ::getpid());
    tell(std::exchange(links.supervisor, {}), {kReadyNews});
    while (auto order = next_order(channel)) {
      const pid_t pid = clone_sibling();
      if (pid != 0) {
        answer_order(channel, pid);
        continue;
      }
      channel.reset();
      if (!become_worker(supervisor, order->id)) return {};
      plan.id = order->id;
      plan.seat = order->seat;
      links.supervisor = std::move(order->news);
      return run_worker(plan, std::move(links), std::move(app));
    }
    return {};
  } catch (const AppError& error) {
    tell(links.supervisor, fmt::format("{}{}\n", kFailedNews, error.what()));
    return {Outcome::app_failed, ""};
  }
}

}  // namespace launch
