#include "modes/engine/streamed_answer.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "modes/engine/refusal.hpp"
#include "modes/log.hpp"

namespace launch {

StreamedAnswer::StreamedAnswer(const Responder& responder, StackPool& stacks,
                               Parts parts, const std::atomic<bool>& closing)
    : responder_(responder),
      parts_(std::move(parts)),
      stream_(output_, *this, parts_.client, parts_.local, closing,
              parts_.date),
      fiber_(stacks, [this] { run(); }) {
  stream_.set_persistence(parts_.persistence);
}

void StreamedAnswer::run() {
  const std::size_t begin = output_.size();
  try {
    whole_ = responder_.write(parts_.made, parts_.request, stream_);
    if (stream_.status().empty()) refuse(begin);
  } catch (const std::exception& error) {
    log_error("{} {} failed: {}", parts_.request.method, parts_.request.target,
              error.what());
    refuse(begin);
  } catch (...) {
    log_error("{} {} failed: an exception that is no std::exception",
              parts_.request.method, parts_.request.target);
    refuse(begin);
  }
  if (status_ != 0) return;
  status_ = status_code(stream_.status());
  body_bytes_ = stream_.body_bytes();
}

/// Takes back what is written and not sent; of what is sent, the end of the
/// connection must tell that it is not whole.
void StreamedAnswer::refuse(std::size_t begin) {
  whole_ = false;
  if (stream_.drained()) return;
  const std::string answer = refusal(500, "Internal Server Error");
  output_.resize(begin);
  output_ += answer;
  status_ = 500;
  body_bytes_ = launch::body_bytes(answer);
}

bool StreamedAnswer::drain(std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = ::send(parts_.fd, bytes.data() + done, bytes.size() - done,
                          MSG_NOSIGNAL);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
      sent_ += static_cast<std::uint32_t>(n);
    } else if (errno == EAGAIN) {
      if (!Fiber::suspend()) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  bytes.clear();
  return true;
}

}  // namespace launch
