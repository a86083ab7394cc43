# Installs the build in BUILD into a scratch prefix and builds the app of
# tests/install against it, by find_package and by pkg-config with COMPILER.
# The installed program must accept both.
cmake_minimum_required(VERSION 3.25)

set(scratch ${BUILD}/install-test)
set(prefix ${scratch}/prefix)
file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch})

function(run what)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run("cmake --install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
foreach(file IN ITEMS bin/launch include/launch/app.hpp
    share/cmake/launch/launch-config.cmake
    share/cmake/launch/launch-config-version.cmake
    share/pkgconfig/launch.pc share/doc/launch/LICENSE)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "cmake --install left out ${file}")
  endif()
endforeach()

# By CMake.
run("configuring an app by find_package" ${CMAKE_COMMAND}
  -S ${CMAKE_CURRENT_LIST_DIR}/install -B ${scratch}/by-cmake -G Ninja
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER})
run("building an app by find_package" ${CMAKE_COMMAND}
  --build ${scratch}/by-cmake)

# By pkg-config, from the directory that an author would stand in.
set(ENV{PKG_CONFIG_PATH} ${prefix}/share/pkgconfig)
run("pkg-config" pkg-config --cflags --libs launch)
separate_arguments(flags UNIX_COMMAND "${output}")
run("building an app by pkg-config" ${COMPILER} -std=c++17 -shared -fPIC
  ${CMAKE_CURRENT_LIST_DIR}/install/greeting.cpp ${flags}
  -o ${scratch}/greeting.so)

foreach(app IN ITEMS ${scratch}/by-cmake/greeting.so ${scratch}/greeting.so)
  run("launch check ${app}" ${prefix}/bin/launch check ${app})
endforeach()
