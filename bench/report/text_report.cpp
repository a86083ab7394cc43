#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "bench/report/columns.hpp"
#include "bench/report/layout.hpp"
#include "bench/report/painter.hpp"
#include "bench/report/report.hpp"
#include "bench/report/text_parts.hpp"
#include "bench/report/units.hpp"

namespace launch::bench {
namespace {

constexpr int kNarrowest = 60;

/// The report while it is written.
class Writer {
 public:
  Writer(const Comparison& comparison, int width, bool colour)
      : comparison_(comparison),
        width_(std::max(width, kNarrowest)),
        paint_(colour) {}

  std::string write();

 private:
  void heading();
  void workload_table(const Workload& workload);
  void legend();
  void verdicts();
  void verdict(const Verdict& verdict);
  void failures();
  void warnings();
  void method();
  void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void paragraph(std::string_view text, int indent) {
    line(wrap(text, width_, indent));
  }
  const Summary* base_of(const std::vector<const Summary*>& rows) const;
  std::string winner_of(const std::string& workload) const;

  const Comparison& comparison_;
  const int width_;
  const Painter paint_;
  std::string text_;
  std::set<std::string> bases_;
  std::vector<std::string> dropped_;
};

std::string Writer::write() {
  heading();
  for (const Workload& workload : comparison_.plan.workloads)
    workload_table(workload);
  if (!comparison_.summary.empty()) legend();
  failures();
  verdicts();
  warnings();
  method();
  return text_;
}

void Writer::heading() {
  paragraph(heading_text(comparison_.plan.app, comparison_.machine), 2);
  if (comparison_.interrupted)
    line(paint_(Colour::yellow, "interrupted: only what was finished follows"));
}

// `single` where it takes part, else the slowest.
const Summary* Writer::base_of(const std::vector<const Summary*>& rows) const {
  for (const Contender& contender : comparison_.plan.contenders)
    for (const Summary* row : rows)
      if (contender.mode == "single" && row->contender == contender.name)
        return row;
  return *std::min_element(rows.begin(), rows.end(),
                           [](const Summary* a, const Summary* b) {
                             return a->requests_per_second.estimate <
                                    b->requests_per_second.estimate;
                           });
}

std::string Writer::winner_of(const std::string& workload) const {
  for (const Verdict& verdict : comparison_.verdicts)
    if (verdict.workload == workload) return verdict.winner;
  return "";
}

void Writer::workload_table(const Workload& workload) {
  std::vector<const Summary*> rows;
  for (const Summary& summary : comparison_.summary)
    if (summary.workload == workload.name) rows.push_back(&summary);
  if (rows.empty()) return;
  const Summary* base = base_of(rows);
  bases_.insert(base->contender);
  const std::string winner = winner_of(workload.name);

  std::vector<Column> columns = columns_of(rows, *base);
  for (std::size_t i = 0; i < rows.size(); ++i)
    columns.front().cells[i].insert(0,
                                    rows[i]->contender == winner ? "* " : "  ");
  const TableText table = layout_table(std::move(columns), width_);
  if (table.dropped.size() > dropped_.size()) dropped_ = table.dropped;

  line("");
  paragraph(fmt::format("{} - {} ({} connections)",
                        paint_(Colour::bold, workload.name), workload.summary,
                        workload.connections),
            2);
  for (const std::string& row : table.lines)
    line(row.starts_with("* ") ? paint_(Colour::bold, row) : row);
}

void Writer::legend() {
  std::string text = fmt::format(
      "*: recommended; ±: half the 95 % interval over the rounds; x: "
      "requests/s relative to {}; p50 to max: response time in ms; CPU: "
      "server's user+system time per request, all processes; PSS: memory of "
      "all "
      "processes",
      list_text({bases_.begin(), bases_.end()}));
  const auto shown = [&](const char* title) {
    return std::find(dropped_.begin(), dropped_.end(), title) == dropped_.end();
  };
  if (shown("start")) text += "; start: until ready";
  if (shown("skew")) text += "; skew: requests of the busiest worker / mean";
  if (shown("conns")) text += "; conns: connections per worker";
  if (!dropped_.empty())
    text += fmt::format("; too narrow for {}: see --json", list_text(dropped_));
  line("");
  paragraph(text, 0);
}

void Writer::failures() {
  if (comparison_.failures.empty()) return;
  line("");
  line(paint_(Colour::red, "Failed"));
  for (const std::string& each : failure_lines(comparison_.failures))
    paragraph(each, 4);
}

std::string interval_text(const Estimate& factor) {
  if (!factor.low || !factor.high) return "";
  return fmt::format(", 95 % interval {} to {}", number_text(*factor.low),
                     number_text(*factor.high));
}

void Writer::verdict(const Verdict& verdict) {
  std::string head;
  switch (verdict.outcome) {
    case VerdictOutcome::better:
      head = paint_(Colour::green, verdict.winner + " is better");
      break;
    case VerdictOutcome::no_clear_winner:
      head = paint_(Colour::yellow, "no clear winner") + ", take " +
             verdict.winner;
      break;
    case VerdictOutcome::invalid:
      head = paint_(Colour::red, "no valid verdict");
  }
  if (!verdict.compared_to.empty())
    head += fmt::format(" ({} x {}{})", number_text(verdict.factor.estimate),
                        verdict.compared_to, interval_text(verdict.factor));
  paragraph(fmt::format("  {}: {}: {}", verdict.workload, head, verdict.reason),
            4);
}

void Writer::verdicts() {
  line("");
  line(paint_(Colour::bold, "Verdict"));
  for (const Verdict& each : comparison_.verdicts) verdict(each);
}

void Writer::warnings() {
  if (comparison_.warnings.empty()) return;
  line("");
  line(paint_(Colour::yellow, "Warnings"));
  for (const std::string& warning : comparison_.warnings)
    paragraph("  " + warning, 4);
}

void Writer::method() {
  const ComparisonPlan& plan = comparison_.plan;
  line("");
  paragraph(
      fmt::format("measured: {} {} of {} ms after {} ms of warm-up, every "
                  "contender started afresh in each, in random order (seed "
                  "{}); closed loop, keep-alive; server and load generator "
                  "share {} {}",
                  plan.rounds, plan.rounds == 1 ? "round" : "rounds",
                  plan.duration.count(), plan.warmup.count(), plan.seed,
                  comparison_.machine.cores,
                  comparison_.machine.cores == 1 ? "core" : "cores"),
      2);
}

}  // namespace

std::string to_text(const Comparison& comparison, int width, bool colour) {
  return Writer(comparison, width, colour).write();
}

}  // namespace launch::bench
