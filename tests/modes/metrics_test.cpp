#include "modes/control/metrics.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"

using namespace launch;

namespace {

/// What the text says, series by series; it fails the test where the text
/// breaks the format's rules.
class Checked {
 public:
  explicit Checked(const std::string& text) {
    REQUIRE(text.ends_with('\n'));
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      take(line);
    }
  }

  const std::map<std::string, double>& series() const { return series_; }
  double at(const std::string& name) const { return series_.at(name); }

 private:
  void take(const std::string& line) {
    static const std::regex help{R"(# HELP ([a-z_]+) .*[^ ])"};
    static const std::regex type{
        R"(# TYPE ([a-z_]+) (counter|gauge|histogram))"};
    static const std::regex sample{
        R"re(([a-z_]+)(\{[a-z_]+="([^"\\]|\\[\\"n])*"(,[a-z_]+="([^"\\]|\\[\\"n])*")*\})? (-?[0-9][0-9.e+-]*))re"};
    std::smatch parts;
    if (std::regex_match(line, parts, help)) {
      helped_ = parts[1];
    } else if (std::regex_match(line, parts, type)) {
      CHECK(parts[1] == helped_);
      CHECK(families_.insert(parts[1]).second);
      family_ = parts[1];
      type_ = parts[2];
      CHECK(family_.starts_with("launch_"));
      CHECK(family_.ends_with("_total") == (type_ == "counter"));
    } else {
      REQUIRE(std::regex_match(line, parts, sample));
      check_name(parts[1]);
      const std::string name = parts[1].str() + parts[2].str();
      CHECK(series_.emplace(name, std::stod(parts[6])).second);
    }
  }

  void check_name(const std::string& name) const {
    if (type_ != "histogram") {
      CHECK(name == family_);
      return;
    }
    CHECK((name == family_ + "_bucket" || name == family_ + "_sum" ||
           name == family_ + "_count"));
  }

  std::string helped_;
  std::string family_;
  std::string type_;
  std::set<std::string> families_;
  std::map<std::string, double> series_;
};

}  // namespace

TEST_CASE("every line of the metrics is well-formed", "[metrics]") {
  const Checked metrics{metrics_text(example_status())};
  CHECK(metrics.at(R"(launch_info{version="0.1.0",mode="prefork"})") == 1);
  CHECK(metrics.at("launch_ready") == 1);
  CHECK(metrics.at("launch_uptime_seconds") == 90.5);
  CHECK(metrics.at("launch_workers_wanted") == 2);
  CHECK(metrics.at("launch_workers_ready") == 1);
  CHECK(metrics.at(R"(launch_worker_up{worker="1"})") == 1);
  CHECK(metrics.at(R"(launch_worker_up{worker="2"})") == 0);
  CHECK(metrics.at(R"(launch_worker_requests_total{worker="1"})") == 6);
  CHECK(metrics.at(R"(launch_worker_requests_total{worker="2"})") == 2);
  CHECK(metrics.at(R"(launch_worker_sent_bytes_total{worker="1"})") == 1200);
  CHECK(metrics.at("launch_listen_overflows_total") == 0);
  CHECK(metrics.at(R"(launch_accept_queue{address="http://127.0.0.1:8000"})") ==
        3);
}

TEST_CASE("restarts have a series for each cause", "[metrics]") {
  const Checked metrics{metrics_text(example_status())};
  CHECK(metrics.at(
            R"(launch_worker_restarts_total{worker="1",cause="signal"})") == 1);
  CHECK(metrics.at(
            R"(launch_worker_restarts_total{worker="1",cause="crash"})") == 0);
  CHECK(metrics.at(
            R"(launch_worker_restarts_total{worker="2",cause="signal"})") == 0);
}

TEST_CASE("the buckets of the latency are cumulative", "[metrics]") {
  const Checked metrics{metrics_text(example_status())};
  const std::string name = "launch_request_duration_seconds";
  CHECK(metrics.at(name + R"(_bucket{le="0.0001"})") == 4);
  CHECK(metrics.at(name + R"(_bucket{le="0.0005"})") == 4);
  CHECK(metrics.at(name + R"(_bucket{le="0.001"})") == 6);
  CHECK(metrics.at(name + R"(_bucket{le="10"})") == 6);
  CHECK(metrics.at(name + R"(_bucket{le="+Inf"})") == 7);
  CHECK(metrics.at(name + "_count") == 7);
  CHECK(metrics.at(name + "_sum") == 12.5);
}

TEST_CASE("no series is named by a pid", "[metrics]") {
  ServiceStatus status = example_status();
  const Checked before{metrics_text(status)};
  status.workers[0].pid = 99;
  status.workers[1].pid = 98;
  CHECK(Checked{metrics_text(status)}.series() == before.series());
}

TEST_CASE("what cannot be read has no series", "[metrics]") {
  ServiceStatus status = example_status();
  status.listen_overflows.reset();
  status.workers[0].pss_bytes.reset();
  const std::string text = metrics_text(status);
  Checked{text};
  CHECK(text.find("pss_bytes") == std::string::npos);
  CHECK(text.find("overflows") == std::string::npos);
}

TEST_CASE("labels are escaped", "[metrics]") {
  ServiceStatus status = example_status();
  status.listeners = {{"unix:/a\"b\\c\nd", 1, 2}};
  const Checked metrics{metrics_text(status)};
  CHECK(metrics.at("launch_accept_queue{address=\"unix:/a\\\"b\\\\c\\nd\"}") ==
        1);
}

TEST_CASE("the page on control has the rows of the metrics", "[metrics]") {
  std::ifstream file{LAUNCH_SOURCE_DIR "/docs/control.md"};
  std::stringstream page;
  page << file.rdbuf();
  for (const MetricRow& row : metric_rows()) {
    const std::string line = fmt::format("| `{}` | {} | {} | {} |\n", row.name,
                                         row.type, row.labels, row.help);
    INFO(line);
    CHECK(page.str().find(line) != std::string::npos);
  }
  for (const RestartCauseRow& row : kRestartCauses) {
    const std::string line = fmt::format("| `{}` | ", row.name);
    INFO(line);
    CHECK(page.str().find(line) != std::string::npos);
  }
}
