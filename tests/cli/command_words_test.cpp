#include "cli/command_words.hpp"

#include <cstdlib>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch::cli;

namespace {

using Words = std::vector<std::string>;

Words words(const std::string& command) {
  return command_words("--contender x", command);
}

std::string refusal_of(const std::string& command) {
  try {
    words(command);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a command is divided as by a shell", "[words]") {
  CHECK(words("nginx -g 'daemon off;'  -c \"a b\"") ==
        Words{"nginx", "-g", "daemon off;", "-c", "a b"});
  CHECK(words("a\\ b ''") == Words{"a b", ""});
  ::setenv("LAUNCH_TEST_WORD", "from the environment", 1);
  CHECK(words("x \"$LAUNCH_TEST_WORD\"") == Words{"x", "from the environment"});
  ::unsetenv("LAUNCH_TEST_WORD");
}

TEST_CASE("placeholders stay as they are, quoted or not", "[words]") {
  CHECK(words("serve --bind={host}:{port} '{port}'") ==
        Words{"serve", "--bind={host}:{port}", "{port}"});
}

TEST_CASE("what is no simple command is refused", "[words]") {
  CHECK(refusal_of("") == "--contender x: the command is empty");
  CHECK(
      refusal_of("a | b").starts_with("--contender x: \"a | b\" holds one "
                                      "of | & ; < > ( ) { } outside quotes"));
  CHECK(refusal_of("a {other}").find("outside quotes") != std::string::npos);
  CHECK(refusal_of("echo 'a").find("a quote without its end") !=
        std::string::npos);
  CHECK(refusal_of("echo $(date)").find("would run another command") !=
        std::string::npos);
  CHECK(refusal_of("$LAUNCH_NO_SUCH x").find("a variable that is not set") !=
        std::string::npos);
}
