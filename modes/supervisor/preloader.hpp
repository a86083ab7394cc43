#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "modes/supervisor/template_channel.hpp"
#include "modes/supervisor/worker_process.hpp"

namespace launch {

/// Has workers cloned from a process that loaded the app, its template: see
/// run_template(). While a reload goes on there may be two, that of what serves
/// and that of what comes; which one a worker is cloned from is said with each
/// wish. A template is started when the first worker is wanted of it.
class Preloader {
 public:
  /// What a template is started with, given its end of the channel.
  using Start = std::function<WorkerStart(int channel)>;

  explicit Preloader(Start start) : start_(std::move(start)) {}

  /// Worker `id` is wanted at `seat`, cloned from the `next` template or from
  /// the current one. take() says what became of it.
  void want(int id, int seat, bool next);
  /// It is not any more; false when it was not waited for.
  bool forget(int seat);

  struct Result {
    int id = 0;
    int seat = 0;
    std::optional<WorkerProcess> worker{};  ///< none when it could not be made
    ExitStatus status{};                    ///< then: how that ended
    std::string reason{};                   ///< and why
  };
  /// What has become of wishes since the last call.
  std::vector<Result> take();

  void add_to(std::vector<pollfd>& polled) const;

  /// The next template becomes the current one.
  void adopt_next();
  /// The next template is none any more; wishes of it go to a new one.
  void drop_next();
  /// All templates end.
  void clear();

  std::vector<pid_t> pids() const;

 private:
  struct Wish {
    int id;
    int seat;
    bool next;
  };
  struct Template {
    Descriptor channel;
    WorkerProcess process;
    bool ready = false;
  };

  std::optional<Template>& which(bool next) { return next ? next_ : current_; }
  void start(bool next);
  void serve(bool next);
  void make(const Wish& wish, Template& from);
  void fail_all(bool next, const ExitStatus& status, const std::string& reason);

  Start start_;
  std::optional<Template> current_;
  std::optional<Template> next_;
  std::vector<Wish> wishes_;
  std::vector<Result> results_;
};

}  // namespace launch
