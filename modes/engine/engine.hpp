#pragma once

#include <atomic>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/engine/accept_strategy.hpp"
#include "modes/engine/acceptor.hpp"
#include "modes/engine/deadlines.hpp"
#include "modes/engine/dispatcher.hpp"
#include "modes/engine/exchange.hpp"
#include "modes/engine/in_progress.hpp"
#include "modes/engine/limits.hpp"
#include "modes/engine/registry.hpp"
#include "modes/engine/source.hpp"
#include "modes/http/hosted_server.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// The loop inside a worker: `threads` threads share one epoll instance, and
/// any of them takes the next ready request (Dispatcher), so that a handler
/// that blocks costs one thread and an idle connection costs none. With one
/// thread it is a plain event loop in which handlers run inline.
class Engine {
 public:
  struct Options {
    int threads = 1;
    int seat = 1;               ///< of the scoreboard
    RequestLog* log = nullptr;  ///< of each request; the caller's
    TrustedPeers trusted{};     ///< whose word on the client's address counts
    LimitSettings limits{};     ///< that the user set
    AcceptStrategy accept = AcceptStrategy::shared;
  };

  /// `listeners` must be non-blocking; they stay the caller's. Throws
  /// std::system_error.
  Engine(HostedServer& server, const std::vector<int>& listeners,
         Scoreboard& scoreboard, const Options& options);
  /// Waits for all threads: a handler that does not return holds it up.
  ~Engine();

  void start();

  /// What becomes of connections without a request when an engine stops.
  enum class Idle {
    drain,  ///< closed once they have been silent for Limit::keep_alive_drain
    close,  ///< at once
  };

  /// Begins a graceful end, from any thread: accepts what is already queued,
  /// and from now on every answer says "Connection: close", also one whose
  /// handler is running.
  void stop(Idle idle = Idle::close);

  /// Ends all connections at once. A handler that runs goes on running.
  void cut();

  /// Readable once the last connection of a stopped engine is closed.
  int finished_fd() const { return finished_.fd.get(); }
  void join();

  std::size_t open_connections() const { return registry_.size(); }

 private:
  void run(std::size_t thread);

  void on_listener(Acceptor::Listener& listener);
  void on_resume();
  void on_tick();
  void on_stop();
  void on_connection(Connection& connection, ThreadBuffers& buffers);

  void adopt(std::unique_ptr<Connection> connection);
  bool receive(Connection& connection, ThreadBuffers& buffers);
  bool serve(Connection& connection, std::string_view bytes,
             ThreadBuffers& buffers);
  bool send(Connection& connection, const ExchangeResult& result,
            ThreadBuffers& buffers);
  void await_client(Connection& connection, std::uint32_t sent);
  bool flush(Connection& connection, ThreadBuffers& buffers);
  bool go_on(Connection& connection, ThreadBuffers& buffers);
  bool after_answer(Connection& connection, ThreadBuffers& buffers);
  void end_streams(std::size_t thread);
  bool discard(Connection& connection, ThreadBuffers& buffers);
  bool refuse_late(Connection& connection);
  bool end_or_go_on(Connection& connection);
  void wait(Connection& connection, Waiting what);
  void close(Connection& connection);
  void pause_accepting(AcceptPause pause);
  void resume_accepting();
  void listen(bool yes);
  void rearm(Acceptor::Listener& listener);
  void finish_if_empty();
  void handler_begins() {
    in_progress_.handler_begins();
    seat_.busy.fetch_add(1, std::memory_order_relaxed);
  }
  void handler_ends() {
    in_progress_.handler_ends();
    seat_.busy.fetch_sub(1, std::memory_order_relaxed);
  }
  bool pooled() const { return options_.threads > 1; }
  std::size_t room() const;
  std::uint32_t listener_events() const;
  bool exclusive() const {
    return options_.accept == AcceptStrategy::exclusive;
  }

  Options options_;
  EngineLimits limits_;
  Patience patience_;
  Seat& seat_;
  Acceptor acceptor_;
  InProgress in_progress_;
  Exchange exchange_;
  Registry registry_;

  Dispatcher dispatcher_;
  Poller& poller_;
  WakeUp ticks_;     ///< timerfd: once a second
  WakeUp resume_;    ///< timerfd: accept again
  WakeUp stop_;      ///< eventfd: begin to stop
  WakeUp finished_;  ///< eventfd: every thread leaves

  std::atomic<std::uint32_t> tick_{0};   ///< seconds since the start
  std::atomic<bool> closing_{false};     ///< answers end their connections
  std::atomic<Idle> idle_{Idle::close};  ///< once they do
  std::atomic<bool> stopping_{false};    ///< nothing but the queue is accepted
  std::atomic<bool> drained_{false};     ///< nothing more will be accepted
  std::atomic<bool> starved_{false};  ///< of descriptors, until the next tick
  std::atomic<bool> full_{false};     ///< of connections, until one closes
  bool told_full_ = false;            ///< logged once; by who accepts
  std::mutex accept_mutex_;  ///< one thread accepts, and none after the stop
  bool paused_ = false;      ///< accepting, from all listeners; by the mutex
  std::vector<std::thread> threads_;
};

}  // namespace launch
