#include "modes/template.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

#include "modes/supervisor/template_channel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  std::string line() const {
    REQUIRE(becomes_readable(read.get()));
    std::array<char, 1000> text{};
    const auto n = ::read(read.get(), text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
  }
  Descriptor read;
  Descriptor write;
};

/// A template in a child of this process, which is its supervisor.
class Template {
 public:
  explicit Template(const std::string& app) {
    auto [ours, theirs] = make_template_channel();
    channel_ = std::move(ours);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    channel_.reset();
    std::vector<Bound> listeners;
    listeners.push_back(std::move(bound_));
    WorkerLinks links{
        .listeners = std::move(listeners),
        .scoreboard = Scoreboard::attach(Descriptor{::dup(board_.fd())}),
        .supervisor = std::move(news_.write)};
    WorkerPlan plan;
    plan.app = test_app(app);
    const ServeResult result =
        run_template(std::move(plan), std::move(links), std::move(theirs));
    ::_exit(static_cast<int>(result.outcome));
  }
  ~Template() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  std::string news() const { return news_.line(); }
  std::optional<pid_t> order(int id, int seat, Pipe& news) const {
    return order_clone(channel_, {id, seat, std::move(news.write)}, kLongest);
  }
  RawClient client() const { return RawClient{bound_.port}; }
  Scoreboard& board() { return board_; }
  void leave() { channel_.reset(); }
  Outcome outcome() { return outcome_of(std::exchange(pid_, -1)); }
  static Outcome outcome_of(pid_t pid) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    REQUIRE(WIFEXITED(status));
    return static_cast<Outcome>(WEXITSTATUS(status));
  }

 private:
  Bound bound_ = bind_listener("127.0.0.1", 0);
  Scoreboard board_ = Scoreboard::create();
  Pipe news_;
  Descriptor channel_;
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("a template makes workers, whose hooks run in each", "[template]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  Template source("hooks");
  CHECK(source.news() == "+");
  Pipe first_news;
  const auto first = source.order(1, 1, first_news);
  REQUIRE(first);
  CHECK(first_news.line() == "+");
  CHECK(body_of(source.client().get("/")) == "hooked\n");
  CHECK(eventually([&] { return source.board().seat(1).requests == 1; }));
  Pipe second_news;
  const auto second = source.order(2, 2, second_news);
  REQUIRE(second);
  CHECK(*second != *first);
  CHECK(second_news.line() == "+");
  CHECK(::getpgid(*second) == *second);
  for (const pid_t worker : {*first, *second}) {
    ::kill(worker, SIGTERM);
    CHECK(Template::outcome_of(worker) == Outcome::stopped);
  }
}

TEST_CASE("a template ends when its supervisor is gone", "[template]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  Template source("waits");
  CHECK(source.news() == "+");
  source.leave();
  CHECK(source.outcome() == Outcome::stopped);
}

TEST_CASE("a template tells why the app cannot be loaded", "[template]") {
  Template source("no_record");
  CHECK(source.news().starts_with("!"));
  CHECK(source.outcome() == Outcome::app_failed);
}

TEST_CASE("a clone whose hook fails tells it, and the template goes on",
          "[template]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  Template source("throws_at_start");
  CHECK(source.news() == "+");
  for (int attempt = 1; attempt <= 2; ++attempt) {
    Pipe news;
    const auto worker = source.order(1, 1, news);
    REQUIRE(worker);
    CHECK(news.line().starts_with("!"));
    CHECK(Template::outcome_of(*worker) == Outcome::app_failed);
  }
}
