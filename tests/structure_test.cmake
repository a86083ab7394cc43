# Proves that structure.cmake accepts a sound tree and refuses one violation of
# each rule. The trees are made in SCRATCH.
cmake_minimum_required(VERSION 3.25)

# A sound tree, with what looks like a violation and is none.
function(make_tree)
  file(REMOVE_RECURSE ${SCRATCH})
  file(WRITE ${SCRATCH}/CMakeLists.txt "project(x VERSION 1.2.3 LANGUAGES CXX)")
  file(WRITE ${SCRATCH}/docs/changelog.md "# Changelog\n\n## 1.2.3 (today)\n")
  file(WRITE ${SCRATCH}/modes/base/clock.cpp
    "#include <vector>\n#include \"modes/base/clock.hpp\"\n")
  file(WRITE ${SCRATCH}/modes/worker.cpp
    "#include <httplib.h>\n#include \"launch/app.hpp\"\n"
    "void f() { ::_exit(1); }  // not exit()\n"
    "char s[] = \"it called exit()\";\nvoid g() { on_exit_of(s); }\n")
  file(WRITE ${SCRATCH}/bench/load/load.cpp
    "#include <nlohmann/json.hpp>\n#include \"modes/base/clock.hpp\"\n")
  file(WRITE ${SCRATCH}/bench/reference/bare.cpp "int main() {}\n")
  file(WRITE ${SCRATCH}/cli/main.cpp
    "#include <CLI/CLI.hpp>\n#include \"bench/load/load.hpp\"\n"
    "#include \"modes/serve.hpp\"\n"
    "int f(CLI::App& app) { return app.exit(0); }\n")
  foreach(test IN ITEMS modes/clock modes/worker bench/load)
    file(WRITE ${SCRATCH}/tests/${test}_test.cpp "// exit(1) here is fine\n")
  endforeach()
endfunction()

function(check_tree)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH}
      -P ${CMAKE_CURRENT_LIST_DIR}/structure.cmake
    RESULT_VARIABLE result ERROR_VARIABLE errors)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")
  set(result ${result} PARENT_SCOPE)
  set(errors "${errors}" PARENT_SCOPE)
endfunction()

# With `text` in `file` (a header, so that no test is missing), the check fails
# and says `expected`.
function(expect_refusal file text expected)
  make_tree()
  file(WRITE ${SCRATCH}/${file} "${text}\n")
  check_tree()
  string(FIND "${errors}" "${expected}" position)
  if(result EQUAL 0 OR position EQUAL -1)
    message(SEND_ERROR "'${text}' in ${file}: expected '${expected}', "
      "got status ${result} and '${errors}'")
  endif()
endfunction()

make_tree()
check_tree()
if(NOT result EQUAL 0)
  message(SEND_ERROR "a sound tree was refused: ${errors}")
endif()

foreach(row IN ITEMS
    "bench/load.hpp modes/serve.hpp"
    "bench/load.hpp launch/app.hpp"
    "bench/load.hpp cli/command.hpp"
    "modes/serve.hpp bench/load/load.hpp"
    "modes/serve.hpp cli/command.hpp"
    "modes/serve.hpp base/clock.hpp"
    "modes/serve.hpp ../bench/load/load.hpp"
    "modes/base/clock.hpp modes/serve.hpp"
    "modes/base/clock.hpp launch/app.hpp"
    "modes/include/launch/app.hpp modes/serve.hpp")
  string(REPLACE " " ";" row "${row}")
  list(GET row 0 file)
  list(GET row 1 header)
  expect_refusal(${file} "#include \"${header}\""
    "${file} must not include ${header}")
endforeach()
expect_refusal(bench/load.hpp "# include <modes/serve.hpp>"
  "bench/load.hpp must not include modes/serve.hpp")

expect_refusal(modes/serve.hpp "#include <CLI/CLI.hpp>" "only cli/ knows CLI11")
expect_refusal(bench/load.hpp "#include <CLI/App.hpp>" "only cli/ knows CLI11")
expect_refusal(bench/load.hpp "#include <httplib.h>" "only modes/ knows")
expect_refusal(cli/command.hpp "#include <httplib.h>" "only modes/ knows")
expect_refusal(modes/base/x.hpp "#include <httplib.h>" "only modes/ knows")
expect_refusal(modes/base/x.hpp "#include <nlohmann/json.hpp>" "JSON is not")
expect_refusal(modes/x.hpp "#include <catch2/catch.hpp>" "only tests/ know")

expect_refusal(cli/x.hpp "void f() { exit(1); }" "must not call exit()")
expect_refusal(modes/x.hpp "void f() { std::exit(1); }" "must not call exit()")
expect_refusal(modes/x.hpp "void f() { ::_exit(1); }" "must not call _exit()")
expect_refusal(bench/x.hpp "void f() { std::quick_exit(1); }" "quick_exit()")
expect_refusal(modes/worker.cpp "void f() { exit(1); }" "must not call exit()")

expect_refusal(modes/engine/loop.cpp "" "has no tests/modes/loop_test.cpp")
expect_refusal(bench/stats/clock.cpp "" "has no tests/bench/clock_test.cpp")

string(REPEAT "line\n" 350 lines)
expect_refusal(tests/modes/x.hpp "${lines}" "has 351 lines")
expect_refusal(docs/changelog.md "# Changelog\n\n## 1.2.4\n\n## 1.2.3" "1.2.4")
