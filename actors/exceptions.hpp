#pragma once
// What a shell does with whatever its parts throw (memory, a device): the actor ends, and the error
// says why. Without it CAF writes on stdout, where a document may be. Thread rule: any thread.

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>
#include <exception>
#include <string>
#include <system_error>

#include "kernels/base/expected.hpp"

namespace pecia::actors {

// REQUIRES an exception.
inline std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    return "out of memory; use a smaller model, -c or --batch-max";
  } catch (const std::system_error& error) {
    return std::string("the system refuses a thread or memory: ") + error.what();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of no known kind";
  }
}

inline caf::error error_of(const std::exception_ptr& thrown) {
  return caf::make_error(caf::sec::runtime_error, text_of(thrown));
}

// For people: the words of an error that an actor of ours ended with or answered.
inline std::string words_of(const caf::error& error) {
  if (!error) return "none";
  const caf::message& context = error.context();
  const bool worded = !context.empty() && context.match_element<std::string>(0);
  return worded ? context.get_as<std::string>(0) : caf::to_string(error);
}

// For the constructor of a shell.
template <class Actor>
void end_by_exceptions(Actor& actor) {
  actor.set_exception_handler([](std::exception_ptr& thrown) { return error_of(thrown); });
}

}  // namespace pecia::actors
