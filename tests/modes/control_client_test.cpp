#include "modes/control/control_client.hpp"

#include <sys/socket.h>

#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

/// A control socket that reads one line, answers `text` and ends.
class OneAnswer {
 public:
  explicit OneAnswer(std::string text)
      : text_(std::move(text)), listener_(unix_socket(path, true)) {
    thread_ = std::thread([this] {
      const Descriptor client{::accept(listener_.get(), nullptr, nullptr)};
      char c = 0;
      while (c != '\n' && ::recv(client.get(), &c, 1, 0) == 1) {
      }
      ::send(client.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
    });
  }
  ~OneAnswer() { thread_.join(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  TemporaryFolder folder;
  std::string path = folder.file("c.sock");

 private:
  std::string text_;
  Descriptor listener_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("an answer is read, and then the end of the service",
          "[control_client]") {
  const OneAnswer service{"{\"ok\":true,\"message\":\"stopping\"}\n"};
  ControlClient client{service.path};
  const ControlAnswer answer = client.ask({ControlKind::stop});
  CHECK(answer.ok);
  CHECK(answer.message == "stopping");
  client.wait_for_end();
}

TEST_CASE("a service that ends without an answer is an error",
          "[control_client]") {
  const OneAnswer service{"{\"ok\":tr"};
  ControlClient client{service.path};
  CHECK_THROWS_WITH(client.ask({ControlKind::reload}),
                    "the service on " + service.path +
                        " ended the connection before it answered");
}

TEST_CASE("what answers something else is no service", "[control_client]") {
  const OneAnswer service{"220 mail ready\n"};
  ControlClient client{service.path};
  CHECK_THROWS_WITH(client.ask({}),
                    service.path + " is no control socket of launch");
}

TEST_CASE("nobody to connect to is one sentence", "[control_client]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("c.sock");
  CHECK_THROWS_WITH(ControlClient{path}, "no service answers on " + path +
                                             ": there is no such socket");
  unix_socket(path, true).reset();
  CHECK_THROWS_WITH(ControlClient{path}, "no service answers on " + path +
                                             ": nobody listens there any more");
  CHECK_THROWS_WITH(ControlClient{'/' + std::string(200, 'a')},
                    "no service answers on /" + std::string(200, 'a') +
                        ": File name too long");
}
