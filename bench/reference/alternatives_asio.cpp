// One thread of Boost.Asio, given what makes it cheapest: no locks, and
// executors whose type is known.

#include <unistd.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

// Coroutines of Boost.Context are enough.
#define BOOST_ASIO_DISABLE_BOOST_COROUTINE
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/write.hpp>

#include "bench/reference/alternatives.hpp"
#include "bench/reference/pooled_stacks.hpp"

namespace launch::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Yield = asio::basic_yield_context<Executor>;

/// It is given away while it waits, so each connection needs its own.
using OwnBuffer = std::array<char, 4096>;

/// Accepts until `stop` can be read, and calls `begin` with each connection.
template <typename Begin>
class AsioServer {
 public:
  AsioServer(asio::io_context& io, const Given& given, Begin begin)
      : io_(io),
        acceptor_(io, tcp::v4(), ::dup(given.listener)),
        stop_(io, ::dup(given.stop)),
        begin_(begin) {}

  void run() {
    stop_.async_wait(stop_.wait_read, [this](error_code) { io_.stop(); });
    accept();
    io_.run();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code failure, Socket socket) {
      if (failure == asio::error::operation_aborted) return;  // at the end
      if (!failure) {
        socket.set_option(tcp::no_delay(true), failure);
        begin_(std::move(socket));
      }
      accept();
    });
  }

  asio::io_context& io_;
  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  asio::posix::basic_stream_descriptor<Executor> stop_;
  Begin begin_;
};

/// A connection, which belongs to the callback it waits for.
struct Client {
  Client(Socket&& accepted, const ConstantAnswer& constant)
      : socket(std::move(accepted)), answer(constant) {}

  Socket socket;
  const ConstantAnswer& answer;
  Conversation conversation{};
  OwnBuffer buffer;
};

void receive(std::unique_ptr<Client> client);

void send(std::unique_ptr<Client> client) {
  const std::size_t owed = client->conversation.owed;
  if (owed == 0) return receive(std::move(client));
  const std::string_view part = client->answer.next(owed);
  Socket& socket = client->socket;
  asio::async_write(socket, asio::buffer(part),
                    [client = std::move(client)](error_code failure,
                                                 std::size_t sent) mutable {
                      if (failure) return;
                      client->conversation.owed -= sent;
                      send(std::move(client));
                    });
}

void receive(std::unique_ptr<Client> client) {
  Client& receiver = *client;
  receiver.socket.async_read_some(
      asio::buffer(receiver.buffer),
      [client = std::move(client)](error_code failure,
                                   std::size_t received) mutable {
        if (failure) return;
        Conversation& conversation = client->conversation;
        conversation.owed =
            client->answer.size() *
            conversation.requests.count({client->buffer.data(), received});
        send(std::move(client));
      });
}

void converse(Socket& socket, const ConstantAnswer& answer,
              const Yield& yield) {
  OwnBuffer buffer;
  Conversation conversation;
  error_code failure;
  for (;;) {
    const std::size_t received =
        socket.async_read_some(asio::buffer(buffer), yield[failure]);
    if (failure) return;
    conversation.owed =
        answer.size() * conversation.requests.count({buffer.data(), received});
    while (conversation.owed > 0) {
      conversation.owed -= asio::async_write(
          socket, asio::buffer(answer.next(conversation.owed)), yield[failure]);
      if (failure) return;
    }
  }
}

}  // namespace

void serve_asio(const Given& given) {
  asio::io_context io(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
  AsioServer server(io, given, [&](Socket&& socket) {
    receive(std::make_unique<Client>(std::move(socket), given.answer));
  });
  server.run();
}

void serve_asio_fiber(const Given& given) {
  StackPool stacks;
  asio::io_context io(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
  std::unordered_set<Socket*> open;
  const auto begin = [&](Socket&& accepted) {
    asio::spawn(
        io.get_executor(), std::allocator_arg, PooledStacks(stacks),
        [socket = std::move(accepted), &open,
         &given](const Yield& yield) mutable {
          open.insert(&socket);
          converse(socket, given.answer, yield);
          open.erase(&socket);
        },
        asio::detached);
  };
  AsioServer(io, given, begin).run();
  // Coroutines end by what they wait for: Boost would unwind them by an
  // exception, which sanitizers cannot follow.
  for (Socket* const socket : open) socket->close();
  io.restart();
  io.run();
}

}  // namespace launch::bench
