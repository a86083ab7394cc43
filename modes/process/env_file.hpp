#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace launch {

/// What stands in the way of reading an environment file, as one sentence:
/// "app.env:3: ...".
struct EnvFileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The lines of `text` as "NAME=value", in their order; of one name given
/// twice, the later line counts. Blank lines and those that begin with # are
/// left out, `export ` before a name is. A value is taken to the end of its
/// line as it is, without blanks around it; in single quotes as it stands; in
/// double quotes with \n, \t, \", \\ and \$ replaced. Nothing is expanded.
/// Throws EnvFileError with `path` and the line's number.
std::vector<std::string> parse_env_file(std::string_view text,
                                        std::string_view path);

/// The variables of the file, fit for ChildSpec::environment. Throws
/// EnvFileError.
std::vector<std::string> read_env_file(const std::string& path);

/// Sets them ("NAME=value") or removes them ("NAME") in this process, before it
/// starts threads.
void change_environment(const std::vector<std::string>& changes);

}  // namespace launch
