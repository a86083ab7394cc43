#include "bench/report/machine.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the CPU model is that of the first core", "[machine]") {
  CHECK(parse_cpu_model("processor\t: 0\nmodel name\t: AMD EPYC \n"
                        "processor\t: 1\nmodel name\t: other\n") == "AMD EPYC");
  CHECK(parse_cpu_model("processor: 0\n").empty());
  CHECK(parse_cpu_model("").empty());
}

TEST_CASE("memory is in bytes", "[machine]") {
  CHECK(parse_memory_bytes("MemTotal:        2048 kB\nMemFree: 1 kB\n") ==
        2'097'152);
  CHECK(parse_memory_bytes("MemFree: 1 kB\n") == 0);
}

TEST_CASE("this machine is read", "[machine]") {
  const Machine machine = read_machine();
  CHECK(machine.cores >= 1);
  CHECK(machine.memory_bytes > 0);
  CHECK(machine.kernel.starts_with("Linux "));
  CHECK(std::isfinite(machine.load_average));
}

}  // namespace
}  // namespace launch::bench
