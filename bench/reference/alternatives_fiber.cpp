// One thread, epoll, and fibers of boost::context. A fiber that has to wait
// goes back to the loop, which resumes it at the connection's next event.

#include <memory>
#include <utility>

#include <boost/context/fiber.hpp>

#include "bench/reference/alternatives.hpp"
#include "bench/reference/pooled_stacks.hpp"

namespace launch::bench {
namespace {

using boost::context::fiber;

class FiberServer {
 public:
  explicit FiberServer(const Given& given) : given_(given) {}

  /// Serves new connections with `begin(fd)` and those without a fiber with
  /// `look(fd)`.
  template <typename Begin, typename LookAt>
  void run(Begin begin, LookAt look) {
    epoll_.add(given_.stop, EPOLLIN);
    epoll_.add(given_.listener, EPOLLIN);
    serve_events<256>(epoll_, given_.stop, [&](int fd, std::uint32_t) {
      if (fd == given_.listener) {
        accept_all(fd, [&](int accepted) {
          epoll_.add(accepted, EPOLLIN);
          begin(accepted);
        });
      } else if (clients_[fd].waiting) {
        resume(fd);
      } else {
        look(fd);
      }
    });
    end_fibers();
  }

  /// Runs `body(fd)` in a fiber, at once.
  template <typename Body>
  void begin_fiber(int fd, Body body) {
    clients_[fd].waiting = fiber(std::allocator_arg, PooledStacks(stacks_),
                                 [=, this](fiber&& loop) {
                                   loop_ = std::move(loop);
                                   body(fd);
                                   return std::move(loop_);
                                 });
    resume(fd);
  }

  // These are called in a fiber.

  /// Until there is an event of the connection.
  void wait() { loop_ = std::move(loop_).resume(); }

  /// Sends what is owed, however long that takes; false at the connection's
  /// end.
  bool settle(int fd) {
    std::size_t& owed = clients_[fd].conversation.owed;
    Sent sent = given_.answer.send(fd, owed);
    if (sent == Sent::some) {
      epoll_.change(fd, EPOLLOUT);
      while (sent == Sent::some) {
        wait();
        sent = given_.answer.send(fd, owed);
      }
      epoll_.change(fd, EPOLLIN);
    }
    return sent == Sent::all;
  }

  /// Receives once and sends the answers; false at the connection's end.
  bool exchange(int fd) {
    const Look look = look_once(fd);
    return look == Look::full ? settle(fd) : look != Look::over;
  }

  // These are called anywhere.

  Look look_once(int fd) {
    return look_at(fd, clients_[fd].conversation, given_.answer, buffer_);
  }
  bool within_request(int fd) {
    return clients_[fd].conversation.requests.within_request();
  }
  void close(int fd) { close_connection(fd, clients_[fd].conversation); }

 private:
  struct Client {
    Conversation conversation;
    fiber waiting;  ///< the connection's, while it has one
  };

  void resume(int fd) {
    fiber& waiting = clients_[fd].waiting;
    waiting = std::move(waiting).resume();
  }

  /// Boost would unwind them by an exception, which sanitizers cannot follow.
  void end_fibers() {
    for (int fd = 0; fd < static_cast<int>(kMostDescriptors); ++fd) {
      if (clients_[fd].waiting) ::shutdown(fd, SHUT_RDWR);
      while (clients_[fd].waiting) resume(fd);
    }
  }

  const Given& given_;
  const Epoll epoll_;
  StackPool stacks_;
  fiber loop_;  ///< while a fiber runs
  ByDescriptor<Client> clients_;
  Buffer buffer_;
};

/// What a fiber does that ends once the last request that has begun is
/// answered.
void finish_request(FiberServer& server, int fd) {
  while (server.within_request(fd)) {
    server.wait();
    if (!server.exchange(fd)) return server.close(fd);
  }
}

}  // namespace

void serve_fiber_each(const Given& given) {
  FiberServer server(given);
  const auto converse = [&server](int fd) {
    do server.wait();
    while (server.exchange(fd));
    server.close(fd);
  };
  server.run([&](int fd) { server.begin_fiber(fd, converse); }, [](int) {});
}

void serve_fiber_request(const Given& given) {
  FiberServer server(given);
  const auto answer = [&server](int fd) {
    if (!server.exchange(fd)) return server.close(fd);
    finish_request(server, fd);
  };
  server.run([](int) {}, [&](int fd) { server.begin_fiber(fd, answer); });
}

void serve_fiber_incomplete(const Given& given) {
  FiberServer server(given);
  const auto go_on = [&server](int fd) {
    if (!server.settle(fd)) return server.close(fd);
    finish_request(server, fd);
  };
  server.run([](int) {},
             [&](int fd) {
               const Look look = server.look_once(fd);
               if (look == Look::over)
                 server.close(fd);
               else if (look == Look::full || server.within_request(fd))
                 server.begin_fiber(fd, go_on);
             });
}

}  // namespace launch::bench
