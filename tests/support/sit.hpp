#pragma once

#include "modes/supervisor/scoreboard.hpp"

/// Worker `id`, at the seat of its number, accepts in the process `pid`.
inline void sit(launch::Scoreboard& board, int id, int pid) {
  board.take_seat(id, id);
  board.seat(id).pid = pid;
}
