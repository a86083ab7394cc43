#include "modes/control/collect.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

TEST_CASE("a worker is the sum of its processes, living and gone",
          "[collect]") {
  Seat seat{};
  seat.requests = 5;
  seat.accepted = 2;
  seat.bytes_sent = 100;
  seat.connections = 1;
  seat.latency.record(microseconds{90}, 4);
  seat.latency.record(seconds{20}, 1);
  SlotTotals totals{};
  totals.requests = 7;
  totals.accepted = 3;
  totals.bytes_sent = 11;
  totals.latency.record(microseconds{100}, 7);
  totals.restarts[static_cast<std::size_t>(RestartCause::signal)] = 2;
  WorkerStatus worker;
  LatencyBuckets latency;
  add_totals(totals, worker, latency);
  add_seat(seat, worker, latency);
  CHECK(worker.requests == 12);
  CHECK(worker.accepted == 5);
  CHECK(worker.bytes_sent == 111);
  CHECK(worker.connections == 1);
  CHECK(worker.restarts[RestartCause::signal] == 2);
  CHECK(worker.restarts.total() == 2);
  CHECK(latency.counts.front() == 11);
  CHECK(latency.counts.back() == 1);
  CHECK(latency.sum_s == Approx(0.00036 + 20 + 0.0007));
}

TEST_CASE("a listener shows who waits to be accepted", "[collect]") {
  std::vector<Bound> listeners;
  listeners.push_back(bind_listener("127.0.0.1", 0, 16));
  const Descriptor first = connect_to(listeners[0].url);
  const Descriptor second = connect_to(listeners[0].url);
  CHECK(eventually(
      [&] { return listener_statuses(listeners).at(0).queued == 2; }));
  const ListenerStatus status = listener_statuses(listeners).at(0);
  CHECK(status.address == listeners[0].url);
  CHECK(status.queue_limit == 16);
}

TEST_CASE("the kernel's count of overflows is found by its name", "[collect]") {
  CHECK(parse_listen_overflows("TcpExt: A ListenOverflows B\n"
                               "TcpExt: 1 23 4\n"
                               "IpExt: ListenOverflows\nIpExt: 5\n") == 23);
  CHECK_FALSE(parse_listen_overflows("TcpExt: A B\nTcpExt: 1 2\n"));
  CHECK_FALSE(parse_listen_overflows("IpExt: ListenOverflows\nIpExt: 5\n"));
  CHECK_FALSE(parse_listen_overflows(""));
}

TEST_CASE("overflows count from when the service started", "[collect]") {
  const OverflowCount count;
  REQUIRE(count.now());
  CHECK(*count.now() < 1'000'000);
}
