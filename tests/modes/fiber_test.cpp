#include "modes/engine/fiber.hpp"

#include <signal.h>

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "modes/http/hosted_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/memory_request.hpp"
#include "tests/support/resident.hpp"

using launch::Fiber;
using launch::StackPool;

namespace {

using Log = std::vector<std::string>;

/// Uses more than `depth` half KiB of stack; gives `depth`.
int dive(int depth) {
  volatile char frame[512];
  frame[0] = 1;
  return depth == 0 ? 0 : dive(depth - 1) + frame[0];
}

/// Suspends while it handles an exception, and lets it go on afterwards.
void rethrow_after_pause(const std::string& text) {
  try {
    throw std::runtime_error(text);
  } catch (const std::exception&) {
    Fiber::suspend();
    throw;
  }
}

/// Suspends in its destructor.
struct Pause {
  ~Pause() { Fiber::suspend(); }
};

struct SetOnEnd {
  bool& ended;
  ~SetOnEnd() { ended = true; }
};

}  // namespace

TEST_CASE("a fiber runs while it is resumed, from where it suspended",
          "[fiber]") {
  StackPool pool;
  Log log;
  Fiber fiber(pool, [&log] {
    log.emplace_back("begin");
    CHECK(Fiber::suspend());
    log.emplace_back("go on");
    CHECK(Fiber::suspend());
    log.emplace_back("end");
  });
  CHECK(log.empty());
  fiber.resume();
  log.emplace_back("first pause");
  fiber.resume();
  log.emplace_back("second pause");
  CHECK_FALSE(fiber.finished());
  fiber.resume();
  CHECK(fiber.finished());
  CHECK(log == Log{"begin", "first pause", "go on", "second pause", "end"});
}

TEST_CASE("a fiber can resume another one", "[fiber]") {
  StackPool pool;
  CHECK(Fiber::current() == nullptr);
  Log log;
  Fiber inner(pool, [&] {
    CHECK(Fiber::current() == &inner);
    log.emplace_back("inner");
    Fiber::suspend();
    log.emplace_back("inner again");
  });
  Fiber outer(pool, [&] {
    CHECK(Fiber::current() == &outer);
    inner.resume();
    CHECK(Fiber::current() == &outer);
    log.emplace_back("outer");
    Fiber::suspend();
    log.emplace_back("outer again");
  });
  outer.resume();
  CHECK(Fiber::current() == nullptr);
  inner.resume();
  outer.resume();
  CHECK(log == Log{"inner", "outer", "inner again", "outer again"});
}

TEST_CASE("a fiber has the stack that a recursive route expression needs",
          "[fiber]") {
  launch::HostedServer server;
  server.Get(R"(/files/(.*))",
             [](const httplib::Request& request, httplib::Response& response) {
               response.set_content(request.matches[1].str(), "text/plain");
             });
  const std::string name(8000, 'a');
  StackPool pool;
  Answer answer;
  Fiber fiber(pool, [&] { answer = ask(server, "GET", "/files/" + name); });
  fiber.resume();
  CHECK(answer.status == 200);
  CHECK(answer.body == name);
}

TEST_CASE("a fiber that overflows its stack ends the process", "[fiber]") {
  const ChildEnd end = run_in_child([] {
    ::signal(SIGSEGV, SIG_DFL);
    StackPool pool;
    Fiber fiber(pool, [] { dive(1 << 20); });
    fiber.resume();
  });
  CHECK(end.signal == SIGSEGV);
}

TEST_CASE("fibers that run in turn share one stack", "[fiber]") {
  StackPool pool;
  std::set<const void*> frames;
  for (int i = 0; i < 5000; ++i) {
    Fiber fiber(pool, [&] { frames.insert(__builtin_frame_address(0)); });
    fiber.resume();
  }
  CHECK(frames.size() == 1);
}

TEST_CASE("a finished fiber has given its stack back", "[fiber]") {
  StackPool pool;
  Fiber deep(pool, [] { CHECK(dive(2000) == 2000); });
  deep.resume();
  const launch::Stack stack = pool.acquire();
  CHECK(resident_bytes(stack) > 0);
  CHECK(resident_bytes(stack) <= StackPool::kKept);
}

TEST_CASE("a thousand fibers can be suspended at once", "[fiber]") {
  constexpr int kFibers = 1000;
  StackPool pool;
  std::vector<std::unique_ptr<Fiber>> fibers;
  int sum = 0;
  for (int i = 1; i <= kFibers; ++i) {
    fibers.push_back(std::make_unique<Fiber>(pool, [&sum, i] {
      const int mine = i;
      Fiber::suspend();
      sum += mine;
    }));
    fibers.back()->resume();
  }
  CHECK(sum == 0);
  while (!fibers.empty()) {
    fibers.back()->resume();
    CHECK(fibers.back()->finished());
    fibers.pop_back();
  }
  CHECK(sum == kFibers * (kFibers + 1) / 2);
}

TEST_CASE("what a fiber throws arrives where it was resumed", "[fiber]") {
  StackPool pool;
  Fiber fiber(pool, [] {
    Fiber::suspend();
    throw std::runtime_error("no luck");
  });
  fiber.resume();
  CHECK_THROWS_WITH(fiber.resume(), "no luck");
  CHECK(fiber.finished());
}

TEST_CASE("each fiber suspended in a catch block rethrows its own exception",
          "[fiber]") {
  StackPool pool;
  Fiber one(pool, [] { rethrow_after_pause("one"); });
  Fiber two(pool, [] { rethrow_after_pause("two"); });
  one.resume();
  two.resume();
  CHECK_THROWS_WITH(one.resume(), "one");
  CHECK_THROWS_WITH(two.resume(), "two");
}

TEST_CASE("a fiber and who resumes it do not see each other's exceptions",
          "[fiber]") {
  StackPool pool;
  bool fiber_sees = true;
  Fiber fiber(pool, [&] {
    fiber_sees = std::current_exception() != nullptr;
    rethrow_after_pause("the fiber's");
  });
  try {
    throw std::runtime_error("the resumer's");
  } catch (const std::exception&) {
    fiber.resume();
    CHECK_FALSE(fiber_sees);
    CHECK_THROWS_WITH(std::rethrow_exception(std::current_exception()),
                      "the resumer's");
  }
  CHECK(std::current_exception() == nullptr);
  CHECK_THROWS_WITH(fiber.resume(), "the fiber's");
}

TEST_CASE("a fiber can suspend while its stack is unwound", "[fiber]") {
  StackPool pool;
  Fiber fiber(pool, [] {
    try {
      const Pause pause;
      throw std::runtime_error("on its way");
    } catch (const std::exception& error) {
      CHECK(std::string(error.what()) == "on its way");
      CHECK(std::uncaught_exceptions() == 0);
    }
  });
  fiber.resume();
  CHECK(std::uncaught_exceptions() == 0);
  fiber.resume();
  CHECK(fiber.finished());
}

TEST_CASE("a fiber is resumed by its own thread only", "[fiber]") {
  StackPool pool;
  int steps = 0;
  Fiber fiber(pool, [&steps] {
    ++steps;
    Fiber::suspend();
    ++steps;
  });
  const auto refuse = [&fiber](void (Fiber::*resume)()) {
    bool refused = false;
    std::thread([&] {
      try {
        (fiber.*resume)();
      } catch (const std::logic_error&) {
        refused = true;
      }
    }).join();
    return refused;
  };
  CHECK(refuse(&Fiber::resume));
  CHECK(refuse(&Fiber::cancel));
  fiber.resume();
  CHECK(refuse(&Fiber::resume));
  CHECK(refuse(&Fiber::cancel));
  CHECK(steps == 1);
  fiber.resume();
  CHECK(steps == 2);
}

TEST_CASE("a fiber that runs or has ended cannot be resumed", "[fiber]") {
  StackPool pool;
  std::optional<Fiber> fiber;
  fiber.emplace(pool, [&fiber] {
    CHECK_THROWS_AS(fiber->resume(), std::logic_error);
    CHECK_THROWS_AS(fiber->cancel(), std::logic_error);
  });
  fiber->resume();
  CHECK_THROWS_AS(fiber->resume(), std::logic_error);
  CHECK_THROWS_AS(Fiber::suspend(), std::logic_error);
}

TEST_CASE("a cancelled fiber waits for nothing any more", "[fiber]") {
  StackPool pool;
  Log log;
  Fiber fiber(pool, [&log] {
    // As cpp-httplib does around handlers.
    try {
      if (!Fiber::suspend()) throw std::runtime_error("cannot read");
    } catch (...) {
      log.emplace_back("error handler");
    }
    if (!Fiber::suspend()) log.emplace_back("cannot write");
    CHECK(Fiber::current()->cancelled());
  });
  fiber.resume();
  CHECK_FALSE(fiber.cancelled());
  fiber.cancel();
  CHECK(fiber.finished());
  CHECK(log == Log{"error handler", "cannot write"});
  fiber.cancel();
}

TEST_CASE("what a cancelled fiber throws arrives where it was cancelled",
          "[fiber]") {
  StackPool pool;
  Fiber fiber(pool, [] {
    if (!Fiber::suspend()) throw std::runtime_error("cannot read");
  });
  fiber.resume();
  CHECK_THROWS_WITH(fiber.cancel(), "cannot read");
  CHECK(fiber.finished());
}

TEST_CASE("a fiber cancelled before it began never begins", "[fiber]") {
  StackPool pool;
  bool begun = false;
  Fiber fiber(pool, [&begun] { begun = true; });
  fiber.cancel();
  CHECK(fiber.finished());
  {
    const Fiber never_resumed(pool, [&begun] { begun = true; });
  }
  CHECK_FALSE(begun);
}

TEST_CASE("destroying a suspended fiber destroys what lies on its stack",
          "[fiber]") {
  StackPool pool;
  bool ended = false;
  {
    Fiber fiber(pool, [&ended] {
      const SetOnEnd local{ended};
      if (!Fiber::suspend()) throw std::runtime_error("cannot read");
    });
    fiber.resume();
    CHECK_FALSE(ended);
  }
  CHECK(ended);
}
