# launch_add_app(NAME SOURCE...)
#
# Builds NAME.so, an application that `launch ./NAME.so` serves: a module that
# exports its entry (LAUNCH_APP) and nothing else.
function(launch_add_app name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE launch::app)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX .so
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()
