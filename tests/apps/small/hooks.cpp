// Appends lines to the file HOOKS_LOG whenever a worker starts or stops:
// "start first 1/2 threads 4 pid 123", where 1/2 is worker 1 of 2. It has two
// hooks of each kind, "first" and "second", that show the order.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <launch/app.hpp>

static void append(const std::string& what, const launch::WorkerInfo& worker) {
  const char* path = std::getenv("HOOKS_LOG");
  if (path == nullptr) return;
  const std::string line = what + " " + std::to_string(worker.id) + "/" +
                           std::to_string(worker.workers) + " threads " +
                           std::to_string(worker.threads) + " pid " +
                           std::to_string(::getpid()) + "\n";
  // One write in append mode: lines of several workers never mix.
  const int file =
      ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
  ::close(file);
}

static void register_routes(httplib::Server& server) {
  for (const std::string name : {"first", "second"}) {
    launch::on_start(server, [name](const launch::WorkerInfo& worker) {
      append("start " + name, worker);
    });
    launch::on_stop(server, [name](const launch::WorkerInfo& worker) {
      append("stop " + name, worker);
    });
  }
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("hooked\n", "text/plain");
  });
}
LAUNCH_APP(register_routes)
