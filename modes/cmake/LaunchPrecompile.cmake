# launch_precompile(TARGET HEADER...): compiles the headers that most sources of
# TARGET read once. Only builds that are made to be tested do so: the release
# build shows that each source includes what it uses.
option(LAUNCH_PRECOMPILE "Precompile the headers most sources read" OFF)

# ccache would by default store nothing of what uses them.
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

function(launch_precompile target)
  if(LAUNCH_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN}
      <algorithm> <array> <atomic> <charconv> <filesystem> <fstream>
      <functional> <map> <memory> <optional> <span> <sstream> <stdexcept>
      <string> <string_view> <system_error> <thread> <vector>
      <fmt/format.h>)
  endif()
endfunction()
