#include "modes/app/record_check.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "launch/app.hpp"
#include "modes/app/elf_section.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;

namespace {

std::vector<std::byte> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string symbols_of(const std::string& path) {
  std::string symbols;
  for (const AppRecord& record : read_app_records(read_file(path)))
    symbols += std::string(text_of(record.symbol)) + " ";
  return symbols;
}

template <std::size_t N>
void set_text(char (&field)[N], std::string_view text) {
  std::fill(std::begin(field), std::end(field), '\0');
  std::copy(text.begin(), text.end(), field);
}

const AppRecord kHost = make_record("host");

std::string problem_of(const AppRecord& record) {
  return check_record(record, kHost).value_or("");
}

}  // namespace

TEST_CASE("the record of a library is read from its file", "[record]") {
  const auto records = read_app_records(read_file(test_app("orders").path));
  REQUIRE(records.size() == 1);
  const AppRecord& record = records[0];
  CHECK(text_of(record.symbol) == "launch_app");
  CHECK(text_of(record.httplib_version) == CPPHTTPLIB_VERSION);
  CHECK(record.contract_version == kContractVersion);
  CHECK(record.request_size == sizeof(httplib::Request));
  CHECK_FALSE(check_record(record, kHost));
}

TEST_CASE("a library may have several records", "[record]") {
  CHECK(symbols_of(test_app("two_apps").path) == "first second ");
}

TEST_CASE("records survive strip", "[record]") {
  const std::string source = test_app("two_apps").path;
  const std::string stripped = source + ".stripped";
  REQUIRE(std::system(
              ("strip -o '" + stripped + "' '" + source + "'").c_str()) == 0);
  CHECK(symbols_of(stripped) == "first second ");
}

TEST_CASE("a library without a record has none", "[record]") {
  CHECK(symbols_of(test_app("no_record").path) == "");
}

TEST_CASE("a record that was cut or overwritten is refused", "[record]") {
  std::vector<std::byte> file = read_file(test_app("orders").path);
  const auto magic = std::as_bytes(std::span(kRecordMagic));
  const auto at =
      std::search(file.begin(), file.end(), magic.begin(), magic.end());
  REQUIRE(at != file.end());
  const auto set_size = [&](std::uint32_t size) {
    const auto bytes = std::as_bytes(std::span(&size, 1));
    std::copy(bytes.begin(), bytes.end(), at + sizeof kRecordMagic);
  };
  for (const std::uint32_t size : {0u, 8u, 1u << 20, UINT32_MAX}) {
    set_size(size);
    CHECK_THROWS_WITH(read_app_records(file),
                      Catch::Matchers::Contains("damaged launch record"));
  }
}

TEST_CASE("text that fills its field is read to its end only", "[record]") {
  const char full[4] = {'a', 'b', 'c', 'd'};
  CHECK(text_of(full) == "abcd");
  const char part[4] = {'a', '\0', 'c', 'd'};
  CHECK(text_of(part) == "a");
}

TEST_CASE("a record says what differs from the host", "[record]") {
  AppRecord record = kHost;
  CHECK(problem_of(record) == "");

  record.contract_version = kContractVersion + 1;
  CHECK(problem_of(record) ==
        "was built for version 2 of the app contract and this launch knows "
        "version 1: build it again with this launch's <launch/app.hpp>");

  record = kHost;
  set_text(record.httplib_version, "0.99.0");
  CHECK(problem_of(record) ==
        "was built with cpp-httplib 0.99.0 and this launch "
        "with " CPPHTTPLIB_VERSION ": build it again with " CPPHTTPLIB_VERSION);

  record = kHost;
  set_text(record.standard_library, "libc++");
  CHECK_THAT(problem_of(record),
             Catch::Matchers::Contains("was built for the standard library "
                                       "libc++ and this launch for libstdc++"));

  record = kHost;
  record.request_size = kHost.request_size - 8;
  CHECK_THAT(problem_of(record),
             Catch::Matchers::Contains("takes httplib::Request to have"));
}

TEST_CASE("a macro that only one side has is named", "[record]") {
  AppRecord app = kHost;
  AppRecord host = kHost;
  app.httplib_macros = 0b110;
  host.httplib_macros = 0b111;
  CHECK(check_record(app, host) ==
        "was compiled without CPPHTTPLIB_OPENSSL_SUPPORT and this launch with "
        "it: compile it with the flags of `pkg-config --cflags cpp-httplib`");
  app.httplib_macros = 0b111;
  host.httplib_macros = 0b011;
  CHECK(check_record(app, host) ==
        "was compiled with CPPHTTPLIB_BROTLI_SUPPORT and this launch without "
        "it: compile it with the flags of `pkg-config --cflags cpp-httplib`");
}

TEST_CASE("the record of the symbol asked for is chosen", "[record]") {
  const std::vector<AppRecord> two{make_record("first"), make_record("second")};
  const ChosenRecord chosen = choose_record(two, "second", kHost);
  REQUIRE(chosen.record);
  CHECK(text_of(chosen.record->symbol) == "second");

  const ChosenRecord none = choose_record(two, "third", kHost);
  CHECK_FALSE(none.record);
  CHECK(none.problem == "has no app called third, it offers: first, second");
  CHECK_THAT(choose_record({}, "launch_app", kHost).problem,
             Catch::Matchers::Contains("add the line LAUNCH_APP("));
}
