//! The page of problem codes is made from the code.

#[test]
fn the_page_of_problem_codes_is_current() {
    crate::contracts::compare("docs/problems.md", &edge::problem::reference());
}
