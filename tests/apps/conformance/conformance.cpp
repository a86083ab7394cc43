// The application of tests/conformance. Each set of routes is offered twice:
// registered on launch::Server, which records it, and through httplib::Server,
// past the record.
#include <launch/app.hpp>

#include "tests/apps/conformance/surroundings.hpp"

LAUNCH_APP_AS(plain_recorded, conformance::register_plain<launch::Server>)
LAUNCH_APP_AS(plain_unrecorded, conformance::register_plain<httplib::Server>)
LAUNCH_APP_AS(full_recorded, conformance::register_full<launch::Server>)
LAUNCH_APP_AS(full_unrecorded, conformance::register_full<httplib::Server>)
LAUNCH_APP_AS(guarded_recorded, conformance::register_guarded<launch::Server>)
LAUNCH_APP_AS(guarded_unrecorded,
              conformance::register_guarded<httplib::Server>)
