#include "bench/compare/start_command.hpp"

namespace launch::bench {

std::string with_placeholder(std::string text, const std::string& name,
                             const std::string& value) {
  const std::string placeholder = '{' + name + '}';
  for (std::size_t at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size()))
    text.replace(at, placeholder.size(), value);
  return text;
}

std::vector<std::string> start_command(const Contender& contender) {
  std::vector<std::string> argv = contender.argv;
  const std::string port = std::to_string(contender.port);
  if (!contender.foreign) {
    argv.insert(argv.end(),
                {"--port", port, "--ready-fd", std::to_string(kReadyFd),
                 "--stats-fd", std::to_string(kStatsFd)});
    return argv;
  }
  for (std::string& argument : argv)
    argument = with_placeholder(
        with_placeholder(std::move(argument), "host", kForeignHost), "port",
        port);
  return argv;
}

}  // namespace launch::bench
