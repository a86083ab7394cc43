#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "bench/report/during_report.hpp"
#include "bench/report/layout.hpp"
#include "bench/report/painter.hpp"
#include "bench/report/text_parts.hpp"
#include "bench/report/units.hpp"
#include "bench/stats/statistics.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

constexpr int kNarrowest = 60;
constexpr std::array kPhaseNames{"before", "during", "after"};

std::string time_text(const std::optional<double>& us) {
  return us ? duration_text(*us) : "-";
}

std::string gap_text(Clock::duration gap) {
  return duration_text(to_seconds(gap) * 1e6);
}

/// "30 refused, 3 closed"; empty where nothing was lost.
std::string causes_text(const Losses& lost) {
  std::string text;
  const auto add = [&](std::uint64_t count, const char* cause) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count_text(count),
                        cause);
  };
  add(lost.refused, "refused");
  add(lost.closed, "closed or reset");
  add(lost.timeout, "timed out");
  add(lost.bad_answer, "answered badly");
  return text;
}

std::string connections_text(std::uint64_t count) {
  return fmt::format("{} {}", count_text(count),
                     count == 1 ? "connection" : "connections");
}

/// Why what was lost is no failure, or how much of it is one.
std::string judgement_text(const DuringPlan& plan, const DuringTrial& trial) {
  std::string held;
  if (plan.event.allowed == Allowed::held_by_dead_worker)
    held = fmt::format("; the {} held {}", plan.event.plural,
                       connections_text(trial.held));
  if (trial.losses.unexpected > 0)
    return fmt::format("{}; {} must not be lost", held,
                       count_text(trial.losses.unexpected));
  if (trial.losses.expected == 0 || !held.empty()) return held;
  if (plan.event.allowed == Allowed::refused_while_down)
    return "; there was no server to take them";
  return "; a request may cross the close of a silent connection";
}

/// " (112ms each, at most 140ms)": the median and the longest.
std::string took_text(const std::vector<double>& took_us) {
  if (took_us.empty()) return "";
  return fmt::format(" ({} each, at most {})", duration_text(median(took_us)),
                     duration_text(std::ranges::max(took_us)));
}

/// Three rows of the table for each trial.
class Table {
 public:
  void add(const DuringTrial& trial) {
    for (std::size_t i = 0; i < kPhases; ++i) {
      const PhaseRecord& phase = trial.phases[i];
      const Percentiles times = percentiles_of(phase.response_time_us);
      const bool waited = phase.duration_s > 0;
      add_row({i == 0 ? "  " + trial.contender : "", kPhaseNames[i],
               fmt::format("{:.1f}", phase.duration_s),
               count_text(phase.answered), count_text(phase.lost.total()),
               count_text(phase.lost.refused), count_text(phase.lost.closed),
               count_text(phase.lost.timeout),
               count_text(phase.lost.bad_answer),
               waited ? gap_text(phase.longest_gap) : "-", time_text(times.p50),
               time_text(times.p99), time_text(times.max)});
    }
  }

  TableText layout(int width) { return layout_table(columns_, width); }

 private:
  static constexpr std::size_t kColumns = 13;

  void add_row(const std::array<std::string, kColumns>& cells) {
    for (std::size_t i = 0; i < kColumns; ++i)
      columns_[i].cells.push_back(cells[i]);
  }

  std::vector<Column> columns_{
      {"", true, 0, {}},        {"phase", true, 0, {}},
      {"s", false, 6, {}},      {"answered", false, 0, {}},
      {"lost", false, 0, {}},   {"refused", false, 2, {}},
      {"closed", false, 3, {}}, {"timeout", false, 4, {}},
      {"bad", false, 5, {}},    {"gap", false, 0, {}},
      {"p50", false, 7, {}},    {"p99", false, 0, {}},
      {"max", false, 0, {}}};
};

/// The report while it is written.
class Writer {
 public:
  Writer(const DuringReport& report, int width, bool colour)
      : report_(report), width_(std::max(width, kNarrowest)), paint_(colour) {}

  std::string write() {
    paragraph(heading_text(report_.plan.app, report_.machine), 2);
    if (report_.interrupted)
      line(paint_(Colour::yellow,
                  "interrupted: only what was finished follows"));
    for (const LoadKind& kind : report_.plan.loads) table(kind);
    if (!report_.trials.empty()) legend();
    failures();
    verdicts();
    return text_;
  }

 private:
  void table(const LoadKind& kind);
  void legend();
  void failures();
  void verdicts();
  std::string outcome(const DuringTrial& trial) const;
  void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void paragraph(std::string_view text, int indent) {
    line(wrap(text, width_, indent));
  }

  const DuringReport& report_;
  const int width_;
  const Painter paint_;
  std::string text_;
};

void Writer::table(const LoadKind& kind) {
  Table table;
  bool any = false;
  for (const DuringTrial& trial : report_.trials) {
    if (trial.load != kind.name) continue;
    table.add(trial);
    any = true;
  }
  if (!any) return;
  line("");
  paragraph(fmt::format("{} - {} ({} at a time), GET {}, during {}",
                        paint_(Colour::bold, kind.name), kind.summary,
                        report_.plan.connections, report_.plan.request.target,
                        counted(report_.plan.event, report_.plan.times)),
            2);
  for (const std::string& row : table.layout(width_).lines) line(row);
}

void Writer::legend() {
  line("");
  paragraph(
      "lost: refused (nobody listened), closed (or reset in the middle of a "
      "request), timeout, bad (neither 2xx nor 3xx, or no HTTP); gap: longest "
      "time without a good answer on any connection; p50 to max: response time "
      "of good answers; -: too few of them to say",
      0);
}

void Writer::failures() {
  if (report_.failures.empty()) return;
  line("");
  line(paint_(Colour::red, "Failed"));
  for (const std::string& each : failure_lines(report_.failures))
    paragraph(each, 4);
}

std::string Writer::outcome(const DuringTrial& trial) const {
  if (trial.losses.unexpected > 0) return paint_(Colour::red, "failed");
  return trial.times < report_.plan.times ? paint_(Colour::yellow, "unfinished")
                                          : paint_(Colour::green, "passed");
}

void Writer::verdicts() {
  if (report_.trials.empty()) return;
  line("");
  line(paint_(Colour::bold, "Verdict"));
  for (const DuringTrial& trial : report_.trials) {
    paragraph(fmt::format("  {}, {}: {}: {}", trial.contender, trial.load,
                          outcome(trial), verdict_text(report_.plan, trial)),
              4);
    for (const std::string& note : trial.notes) paragraph("    " + note, 6);
    if (!trial.first_error.empty())
      paragraph("    the first loss: " + trial.first_error, 6);
    if (trial.unsent() > 0)
      paragraph(fmt::format("    {} requests were never sent, for want of a "
                            "local port: use fewer connections, with -c",
                            count_text(trial.unsent())),
                6);
  }
}

}  // namespace

std::string verdict_text(const DuringPlan& plan, const DuringTrial& trial) {
  const Losses lost = trial.lost();
  const std::string causes = causes_text(lost);
  const PhaseRecord& during =
      trial.phases[static_cast<std::size_t>(Phase::during)];
  return fmt::format(
      "{}{}{}, {} of {} requests lost{}, longest gap {}{}",
      trial.times < plan.times ? fmt::format("{} of ", trial.times) : "",
      counted(plan.event, plan.times), took_text(trial.took_us),
      count_text(lost.total()), count_text(trial.answered() + lost.total()),
      causes.empty() ? "" : fmt::format(" ({})", causes),
      gap_text(during.longest_gap), judgement_text(plan, trial));
}

std::string to_text(const DuringReport& report, int width, bool colour) {
  return Writer(report, width, colour).write();
}

}  // namespace launch::bench
