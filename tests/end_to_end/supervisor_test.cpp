// What a supervisor does while its workers serve: reload, recycle, scale,
// replace what hangs, replace itself.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "modes/base/process_stats.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/steady_client.hpp"

using namespace launched;

namespace {

const std::vector<std::string> kThree{"--mode", "prefork", "--workers", "3"};

const std::vector<std::string> kPrefork{"--mode", "prefork"};

std::vector<std::string> with(std::vector<std::string> flags,
                              const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::set<pid_t> pids(const Server& server) {
  std::set<pid_t> result;
  for (const auto& worker : server.stats())
    result.insert(worker.at("pid").get<pid_t>());
  return result;
}

/// All of them are ready, and none is of `old`.
bool all_new(const Server& server, const std::set<pid_t>& old) {
  const std::set<pid_t> now = pids(server);
  if (now.contains(0)) return false;
  for (const pid_t pid : now)
    if (old.contains(pid)) return false;
  return true;
}

void touch(const std::string& path) { std::ofstream(path).close(); }

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text << '\n';
}

}  // namespace

TEST_CASE("reloads lose no request, on new connections or on kept ones",
          "[supervisor]") {
  const Server server(kThree);
  SteadyClient closing(server);
  KeptClient kept(server);
  for (int reload = 0; reload < 10; ++reload) {
    const auto old = pids(server);
    server.signal(SIGHUP);
    CHECK(until([&] { return all_new(server, old); }));
  }
  CHECK(closing.stop() == "");
  CHECK(kept.stop() == "");
  CHECK(closing.requests() > 0);
  CHECK(kept.requests() > 0);
  CHECK(count(server.err(), "every worker is new") == 10);
}

TEST_CASE("a reload to a version that does not start hurts nobody",
          "[supervisor]") {
  const Folder folder;
  write(folder.file("version"), "one");
  Server server(with({app("fragile")}, kThree),
                {"FRAGILE_FOLDER=" + folder.file("")});
  const auto old = pids(server);
  SteadyClient client(server, "/version");
  touch(folder.file("broken"));
  server.signal(SIGHUP);
  CHECK(server.says("The reload failed, the old workers serve on: "));
  CHECK(server.says("no such table: orders"));
  CHECK(pids(server) == old);
  CHECK(client.stop() == "");
  std::filesystem::remove(folder.file("broken"));
  write(folder.file("version"), "two");
  CHECK(server.get("/version").body == "one\n");
  server.signal(SIGHUP);
  CHECK(server.says("every worker is new"));
  // An old worker that is told to leave may still take what comes now.
  CHECK(until([&] { return server.get("/version").body == "two\n"; }));
}

TEST_CASE("an app that dies soon after each start ends the service with 4",
          "[supervisor]") {
  const Folder folder;
  touch(folder.file("dies"));
  Program program(with({app("fragile"), "--port", "0"}, kThree),
                  {"FRAGILE_FOLDER=" + folder.file("")});
  CHECK(program.exit_code(seconds{60}) == 4);
  CHECK(count(program.err(), "Started server process") <= 10);
  CHECK(count(program.err(), "launch: gave up after 9 deaths of workers") == 1);
}

TEST_CASE("workers are recycled without a lost request", "[supervisor]") {
  const Server server(with(kThree, {"--max-requests", "50"}));
  const auto old = pids(server);
  SteadyClient closing(server);
  // Kept connections are spread: each worker gets requests.
  std::array<KeptClient, 3> kept{KeptClient{server}, KeptClient{server},
                                 KeptClient{server}};
  CHECK(until([&] { return all_new(server, old); }));
  CHECK(closing.stop() == "");
  for (KeptClient& client : kept) CHECK(client.stop() == "");
  CHECK(server.says("is replaced: max_requests"));
  CHECK(server.total("requests") >= 3 * 45);  // those of the old ones count
}

TEST_CASE("workers come and go on demand without a lost request",
          "[supervisor]") {
  const Server server(kThree);
  SteadyClient closing(server);
  KeptClient kept(server);
  for (int round = 0; round < 5; ++round) {
    server.signal(SIGTTIN);
    CHECK(until([&] { return pids(server).size() == 4; }));
    CHECK(until([&] { return !pids(server).contains(0); }));
    server.signal(SIGTTOU);
    CHECK(until([&] { return pids(server).size() == 3; }));
  }
  CHECK(closing.stop() == "");
  CHECK(kept.stop() == "");
}

TEST_CASE("a worker that stands still is replaced, and its request is named",
          "[supervisor]") {
  const Server server(
      with(kPrefork, {"--workers", "2", "--hang-timeout", "2s"}));
  const auto old = pids(server);
  Connection stuck(server.port());
  stuck.send("GET /block?ms=10000 HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(server.says("with SIGTERM: it has done nothing for 2."));
  CHECK(
      server.says("while it works on \"GET /block?ms=10000\" (with "
                  "--threads a handler that takes long keeps nobody else "
                  "waiting)"));
  CHECK(server.says("Stack of thread "));
  CHECK(until([&] {
    const auto now = pids(server);
    return now != old && !now.contains(0);
  }));
  CHECK(server.get("/").status == 200);
}

TEST_CASE("a stopped worker is replaced", "[supervisor]") {
  const Server server(
      with(kPrefork, {"--workers", "2", "--hang-timeout", "2s"}));
  const pid_t stopped = server.workers()[0];
  ::kill(stopped, SIGSTOP);
  CHECK(until([&] {
    const auto now = pids(server);
    return !now.contains(stopped) && !now.contains(0);
  }));
  CHECK(server.says("Ending worker 1 [pid " + std::to_string(stopped) +
                    "] with SIGKILL: it did not stop in time"));
  CHECK(server.processes().size() == 3);
}

TEST_CASE("a worker that is only busy does not hang", "[supervisor]") {
  // Four at a time, so that some always wait while others take 500 ms each.
  const Server server(
      with(kPrefork, {"--workers", "1", "--hang-timeout", "2s"}));
  const auto old = pids(server);
  std::vector<Connection> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(
        "GET /cpu?us=500000 HTTP/1.1\r\nHost: test\r\n"
        "Connection: close\r\n\r\n");
  }
  for (const Connection& client : clients)
    CHECK(client.read().starts_with("HTTP/1.1 200 OK"));
  CHECK(pids(server) == old);
  CHECK(count(server.err(), "Ending worker") == 0);
}

TEST_CASE("a supervisor replaces its own program and loses no request",
          "[supervisor]") {
  const Server server(kThree);
  SteadyClient closing(server);
  KeptClient kept(server);
  for (int upgrade = 1; upgrade <= 3; ++upgrade) {
    const auto old = pids(server);
    server.signal(SIGUSR2);
    CHECK(server.says("Took over ", static_cast<std::size_t>(upgrade)));
    CHECK(until([&] { return all_new(server, old); }));
    CHECK(
        server.says("every worker is new", static_cast<std::size_t>(upgrade)));
  }
  CHECK(closing.stop() == "");
  CHECK(kept.stop() == "");
}

TEST_CASE("a log that was moved away is opened again", "[supervisor]") {
  const Folder folder;
  const std::string log = folder.file("access.log");
  const Server server(with(kThree, {"--access-log-file", log}));
  CHECK(server.get("/?first").status == 200);
  CHECK(until([&] { return count(read_file(log), "first") == 1; }));
  std::filesystem::rename(log, log + ".1");
  server.signal(SIGUSR1);
  CHECK(until([&] {
    server.get("/?second");
    return count(read_file(log), "second") > 0;
  }));
}

TEST_CASE("preloaded data is in memory once, and reloads lose no request",
          "[supervisor]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  const Server server(
      {app("heavy"), "--mode", "prefork", "--workers", "3", "--preload"},
      {"HEAVY_MB=100"});
  std::uint64_t pss = 0;
  for (const pid_t pid : server.processes())
    pss += launch::pss_bytes(pid).value_or(0);
  CHECK(pss > 100u << 20);
  if (!kAddressSanitized) CHECK(pss < 200u << 20);
  SteadyClient closing(server, "/small");
  for (int reload = 0; reload < 3; ++reload) {
    const auto old = pids(server);
    server.signal(SIGHUP);
    CHECK(until([&] { return all_new(server, old); }));
  }
  CHECK(closing.stop() == "");
  const pid_t killed = *pids(server).begin();
  ::kill(killed, SIGKILL);
  CHECK(until([&] { return all_new(server, {killed}); }));
  // The supervisor, its template and the workers.
  CHECK(until([&] { return server.processes().size() == 5; }));
}

TEST_CASE("a preloaded app that does not load keeps the old workers",
          "[supervisor]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  const Folder folder;
  write(folder.file("version"), "one");
  const Server server(with({app("fragile"), "--preload"}, kThree),
                      {"FRAGILE_FOLDER=" + folder.file("")});
  const auto old = pids(server);
  touch(folder.file("unloadable"));
  server.signal(SIGHUP);
  CHECK(server.says("The reload failed, the old workers serve on: "));
  CHECK(pids(server) == old);
  // What dies now comes back from what was loaded before.
  const pid_t killed = *old.begin();
  freeze(killed);
  ::kill(killed, SIGKILL);
  CHECK(until([&] { return all_new(server, {killed}); }));
  CHECK(server.get("/version").body == "one\n");
}
