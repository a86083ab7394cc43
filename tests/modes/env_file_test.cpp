#include "modes/process/env_file.hpp"

#include <cstdlib>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;

namespace {

using Variables = std::vector<std::string>;

Variables parse(std::string_view text) {
  return parse_env_file(text, "app.env");
}

/// The sentence with which the text is refused; empty when it is not.
std::string refusal_of(std::string_view text) {
  try {
    parse(text);
    return {};
  } catch (const EnvFileError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("variables are read line by line", "[env_file]") {
  CHECK(parse("A=1\nB_2=two words\nC=") ==
        Variables{"A=1", "B_2=two words", "C="});
  CHECK(parse("").empty());
  CHECK(parse("URL=http://h/?a=b&c=d#e\n") ==
        Variables{"URL=http://h/?a=b&c=d#e"});
}

TEST_CASE("comments, blank lines, export and line ends of other systems",
          "[env_file]") {
  CHECK(parse("# A=0\n\n  \t\n  # x\nexport A=1\r\n  export\tB=2  \n") ==
        Variables{"A=1", "B=2"});
  CHECK(parse("exported=1\nexport=2") == Variables{"exported=1", "export=2"});
}

TEST_CASE("of a name given twice both lines are kept in order", "[env_file]") {
  CHECK(parse("A=1\nA=2\n") == Variables{"A=1", "A=2"});
}

TEST_CASE("quotes keep blanks, and only double ones know escapes",
          "[env_file]") {
  CHECK(parse("A='  x \\n $B '") == Variables{"A=  x \\n $B "});
  CHECK(parse(R"(A=" x\n\"y\"\t\\\$B\q ")") ==
        Variables{"A= x\n\"y\"\t\\$B\\q "});
  CHECK(parse("A='it\"s'  # why\nB=\"\"") == Variables{"A=it\"s", "B="});
  CHECK(parse("A=x'y'z") == Variables{"A=x'y'z"});
}

TEST_CASE("a bad line is refused with file and line", "[env_file]") {
  CHECK(refusal_of("A=1\n\nB") ==
        "app.env:3: is no variable: write NAME=value, or begin a comment "
        "with #");
  CHECK(refusal_of("A =1") ==
        "app.env:1: \"A \" is no name of a variable: it has letters, digits "
        "and _, and no blank stands before the =");
  CHECK(refusal_of("# c\n2A=1").starts_with("app.env:2: \"2A\" is no name"));
  CHECK(refusal_of("=1").starts_with("app.env:1: \"\" is no name"));
  CHECK(refusal_of("A='x") ==
        "app.env:1: the quote is not closed: end the value with '");
  CHECK(refusal_of("A=\"x\\\"") ==
        "app.env:1: the quote is not closed: end the value with \"");
  CHECK(refusal_of("A='x'y").starts_with(
      "app.env:1: there is more after the closing quote"));
  CHECK(refusal_of({"A=\0b", 4}).starts_with("app.env:1: holds a zero byte"));
}

TEST_CASE("a file is read anew each time", "[env_file]") {
  const TemporaryFile file;
  file.write("A=1\n");
  CHECK(read_env_file(file.path()) == Variables{"A=1"});
  file.write("A=2\nB=3\n");
  CHECK(read_env_file(file.path()) == Variables{"A=2", "B=3"});
}

TEST_CASE("a file that cannot be read is one sentence", "[env_file]") {
  CHECK_THROWS_WITH(read_env_file("/none/app.env"),
                    "the environment file /none/app.env cannot be read: No "
                    "such file or directory");
  CHECK_THROWS_WITH(read_env_file("/"),
                    "the environment file / cannot be read: Is a directory");
}

TEST_CASE("the environment is changed as a child's would be", "[env_file]") {
  ::setenv("LAUNCH_TEST_GONE", "1", 1);
  ::setenv("LAUNCH_TEST_CHANGED", "old", 1);
  change_environment(
      {"LAUNCH_TEST_GONE", "LAUNCH_TEST_CHANGED=a=b", "LAUNCH_TEST_NEW="});
  CHECK(std::getenv("LAUNCH_TEST_GONE") == nullptr);
  CHECK(std::string(std::getenv("LAUNCH_TEST_CHANGED")) == "a=b");
  CHECK(std::string(std::getenv("LAUNCH_TEST_NEW")).empty());
  change_environment({"LAUNCH_TEST_CHANGED", "LAUNCH_TEST_NEW"});
}
