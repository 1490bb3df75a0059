#include "pecia/job.hpp"

#include "pecia/following.hpp"

namespace pecia {

Submission::Submission(std::string id, std::shared_ptr<Following> following)
    : document(following->document()), id_(std::move(id)), following_(std::move(following)) {}

void Submission::cancel() noexcept {
  if (following_) following_->cancel();
}

void Submission::detach() noexcept {
  if (following_) following_->detach();
}

}  // namespace pecia
