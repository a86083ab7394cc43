# Keeps the shape of the tree under ROOT: who may include whom, which folder
# knows which library, a test per source, no exit(), no long file, one version.
cmake_minimum_required(VERSION 3.25)

set(longest_file 350)

# Rows of: files (the first row that matches counts), and which of our own
# headers they may include.
set(own_headers
  "^modes/base/" "^modes/base/"
  "^modes/include/" "^launch/"
  "^modes/" "^(modes|launch)/"
  "^bench/" "^(bench|modes/base)/"
  "^cli/" "^(cli|modes|bench)/")

# Rows of: files, headers of others that they must not include, the reason.
set(foreign_headers
  "^(modes|bench)/" "^CLI/" "only cli/ knows CLI11"
  "^(bench|cli|modes/base)/" "^httplib[.]h" "only modes/ knows cpp-httplib"
  "^(cli|modes/base|modes/include)/" "^nlohmann/" "JSON is not its duty"
  "^(modes|bench|cli)/" "^catch2/" "only tests/ know Catch2")

# These may end the process at once, with _exit() or _Exit(): a child before it
# is anything else, a crashed application, a stop that must not wait.
set(may_end_process
  modes/app/crash_guard.cpp
  modes/app/probe.cpp
  modes/base/child_process.cpp
  modes/worker.cpp)

function(violation)
  string(JOIN "" text ${ARGV})
  message(NOTICE "${text}")
  set_property(GLOBAL APPEND PROPERTY violations "${text}")
endfunction()

function(check_own_header file header)
  set(rows ${own_headers})
  while(rows)
    list(POP_FRONT rows files allowed)
    if(file MATCHES "${files}")
      if(NOT header MATCHES "${allowed}")
        violation("${file} must not include ${header}")
      endif()
      return()
    endif()
  endwhile()
endfunction()

function(check_foreign_header file header)
  set(rows ${foreign_headers})
  while(rows)
    list(POP_FRONT rows files headers reason)
    if(file MATCHES "${files}" AND header MATCHES "${headers}")
      violation("${file} must not include ${header}: ${reason}")
    endif()
  endwhile()
endfunction()

# A header in quotes is always one of ours, named from the top of the tree.
function(check_includes file content)
  string(REGEX MATCHALL "(^|\n)[ \t]*#[ \t]*include[ \t]*[<\"][^>\"\n]+"
    includes "${content}")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^[^<\"]*[<\"]" "" header "${include}")
    if(include MATCHES "\"" OR header MATCHES "^(modes|bench|cli|launch)/")
      check_own_header(${file} ${header})
    else()
      check_foreign_header(${file} ${header})
    endif()
  endforeach()
endfunction()

function(check_exit file content)
  string(REGEX REPLACE "\"(\\\\.|[^\"\\\n])*\"" "\"\"" code "${content}")
  string(REGEX REPLACE "//[^\n]*" "" code "${code}")
  if(file IN_LIST may_end_process)
    string(REGEX REPLACE "[^A-Za-z0-9_]_[eE]xit[ \t]*\\(" "" code "${code}")
  endif()
  # A member of that name, as CLI::App has, ends no process.
  if(code MATCHES "[^A-Za-z0-9_.>]((_|quick_)?exit|_Exit)[ \t]*\\(")
    violation("${file} must not call ${CMAKE_MATCH_1}(): "
      "return an outcome, or throw")
  endif()
endfunction()

function(check_length file content)
  # The public headers declare all that cpp-httplib's server offers once more.
  if(file MATCHES "^modes/include/")
    return()
  endif()
  string(REGEX MATCHALL "\n" lines "${content}")
  list(LENGTH lines length)
  if(length GREATER longest_file)
    violation("${file} has ${length} lines: divide it by duty "
      "(at most ${longest_file})")
  endif()
endfunction()

function(check_has_test file)
  if(NOT file MATCHES "^bench/reference/"
      AND file MATCHES "^(modes|bench)/.*[.]cpp$")
    cmake_path(GET file STEM stem)
    set(test tests/${CMAKE_MATCH_1}/${stem}_test.cpp)
    if(NOT EXISTS ${ROOT}/${test})
      violation("${file} has no ${test}")
    endif()
  endif()
endfunction()

function(check_version)
  file(READ ${ROOT}/CMakeLists.txt project)
  string(REGEX MATCH "VERSION ([0-9.]+) LANGUAGES" _ "${project}")
  set(version ${CMAKE_MATCH_1})
  file(READ ${ROOT}/docs/changelog.md changelog)
  string(REGEX MATCH "\n## ([^ \n]+)" _ "${changelog}")
  if(NOT version OR NOT version STREQUAL CMAKE_MATCH_1)
    violation("CMakeLists.txt has version ${version}, the top entry "
      "of docs/changelog.md ${CMAKE_MATCH_1}")
  endif()
endfunction()

file(GLOB_RECURSE files RELATIVE ${ROOT}
  ${ROOT}/modes/*.[ch]pp ${ROOT}/bench/*.[ch]pp ${ROOT}/cli/*.[ch]pp)
file(GLOB_RECURSE tests RELATIVE ${ROOT} ${ROOT}/tests/*.[ch]pp)
if(NOT files)
  message(FATAL_ERROR "no sources under '${ROOT}'")
endif()
foreach(file IN LISTS files tests)
  file(READ ${ROOT}/${file} content)
  check_length(${file} "${content}")
  if(NOT file IN_LIST tests)
    check_includes(${file} "${content}")
    check_exit(${file} "${content}")
    check_has_test(${file})
  endif()
endforeach()
check_version()

get_property(violations GLOBAL PROPERTY violations)
if(violations)
  message(FATAL_ERROR "the tree breaks the rules at the top of this file")
endif()
