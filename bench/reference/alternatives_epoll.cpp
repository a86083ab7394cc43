// One thread, epoll, everything where its event is found.

#include "bench/reference/alternatives.hpp"

namespace launch::bench {

void serve_epoll(const Given& given) {
  const Epoll epoll;
  epoll.add(given.stop, EPOLLIN);
  epoll.add(given.listener, EPOLLIN);
  ByDescriptor<Conversation> conversations;
  Buffer buffer;
  serve_events<256>(epoll, given.stop, [&](int fd, std::uint32_t) {
    if (fd == given.listener)
      accept_all(fd, [&](int accepted) { epoll.add(accepted, EPOLLIN); });
    else
      serve_level(epoll, fd, conversations[fd], given.answer, buffer);
  });
}

void serve_epoll_edge(const Given& given) {
  const Epoll epoll;
  epoll.add(given.stop, EPOLLIN);
  epoll.add(given.listener, EPOLLIN);
  ByDescriptor<Conversation> conversations;
  Buffer buffer;
  serve_events<256>(epoll, given.stop, [&](int fd, std::uint32_t events) {
    if (fd == given.listener)
      accept_all(fd, [&](int accepted) { epoll.add(accepted, kEdge); });
    else if (!serve_edge(fd, events, conversations[fd], given.answer, buffer))
      close_connection(fd, conversations[fd]);
  });
}

}  // namespace launch::bench
