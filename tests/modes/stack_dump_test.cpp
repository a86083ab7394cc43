#include "modes/stack_dump.hpp"

#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/sanitized.hpp"

using namespace launch;

TEST_CASE("the stack of each other thread is written", "[stack_dump]") {
  const ChildEnd end = run_in_child([] {
    prepare_stack_dumps();
    Gate gate;
    std::thread waits([&] { gate.pass(); });
    std::thread waits_too([&] { gate.pass(); });
    dump_stacks();
    gate.open();
    waits.join();
    waits_too.join();
  });
  CHECK(end.exit_code == 0);
  const std::string& text = end.error_text;
  std::size_t stacks = 0;
  for (auto at = text.find("Stack of thread "); at != std::string::npos;
       at = text.find("Stack of thread ", at + 1)) {
    ++stacks;
    CHECK(text.find("libc.so", at) != std::string::npos);
  }
  CHECK(stacks == (kThreadSanitized ? 3 : 2));
}
