// Has the entry, but not the record that LAUNCH_APP would add.
#include <httplib.h>

extern "C" __attribute__((visibility("default"))) void launch_app(
    httplib::Server&);
extern "C" void launch_app(httplib::Server&) {}
