//! Finding users by how a word begins (R5): any word of the name, the login or the address, in any script.

use caseless::Caseless as _;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::Email;
use crate::user::{User, UserStatus};

/// Most words that a user is found by of name, login and address each; nobody has so many but for fun.
const MAX_WORDS_EACH: usize = 15;
/// Most words that a user is found by.
pub const MAX_WORDS: usize = 3 * MAX_WORDS_EACH;
/// Most characters of a word that count.
const MAX_WORD: usize = 64;

/// What is searched for: how words begin. A user is found when each begins one of his words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Search {
    beginnings: Vec<String>,
    /// What was typed behind a dot: the end of a domain will do, too.
    endings: Vec<String>,
    fields: Fields,
}

/// What is looked at of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Fields {
    /// Name, login and address.
    All,
    /// Name and address.
    Shown,
    /// The name.
    Name,
}

impl Search {
    /// What somebody typed; none if that is nothing but white space.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut beginnings, mut endings) = (Vec::new(), Vec::new());
        for part in text.split_whitespace() {
            match part.rsplit_once('.').map(|(head, tail)| (words(head), words(tail))) {
                Some((head, tail)) if !head.is_empty() => {
                    beginnings.extend(head);
                    endings.extend(tail);
                }
                _ => beginnings.extend(words(part)),
            }
        }
        let (beginnings, endings) = (without_prefixes(beginnings), without_prefixes(endings));
        (!text.trim().is_empty()).then_some(Self { beginnings, endings, fields: Fields::All })
    }

    /// The same for somebody who is told no logins, and addresses perhaps: he shall not find them out by searching (B3).
    #[must_use]
    pub fn without_logins(self, addresses: bool) -> Self {
        Self { fields: if addresses { Fields::Shown } else { Fields::Name }, ..self }
    }

    /// How the words begin by which users are looked for, none of them twice. Empty for what has no letters and no digits:
    /// that finds nobody.
    pub fn beginnings(&self) -> &[String] {
        &self.beginnings
    }

    /// Whether a name is found.
    pub fn finds_name(&self, name: &str) -> bool {
        self.finds_in(vec![name])
    }

    /// Whether a user is found.
    pub fn finds(&self, user: &User) -> bool {
        if user.status == UserStatus::Deleted {
            return false;
        }
        self.finds_in(texts(user, self.fields))
    }

    fn finds_in(&self, texts: Vec<&str>) -> bool {
        let found = words_in(&texts);
        let ends: Vec<String> = texts.into_iter().filter_map(address).flat_map(|(_, end)| words(end)).collect();
        let begins = |beginning: &String| found.iter().any(|word| word.starts_with(beginning));
        let ends = |ending: &String| begins(ending) || ends.iter().any(|word| word.starts_with(ending));
        !self.beginnings.is_empty() && self.beginnings.iter().all(begins) && self.endings.iter().all(ends)
    }
}

/// The words that a user is found by, sorted. One that another begins with is left out: whatever finds it finds the other.
/// The end of a domain, which everybody shares, narrows a search but finds nobody by itself. The deleted have none (W6).
pub fn words_of(user: &User) -> Vec<String> {
    if user.status == UserStatus::Deleted { Vec::new() } else { words_in(&texts(user, Fields::All)) }
}

/// The words that an account is found by of its name.
pub fn words_of_name(name: &str) -> Vec<String> {
    words_in(&[name])
}

/// How many words a user is found by who has these texts for name, login and address.
pub fn count_words(texts: &[&str]) -> usize {
    words_in(texts).len()
}

fn texts(user: &User, fields: Fields) -> Vec<&str> {
    let login = Some(user.login.as_str()).filter(|_| fields == Fields::All);
    let email = user.email.as_ref().map(Email::as_str).filter(|_| fields != Fields::Name);
    [Some(user.name.as_str()), login, email].into_iter().flatten().collect()
}

/// The words of some texts, so many of each: a long one leaves no other out.
fn words_in(texts: &[&str]) -> Vec<String> {
    let text =
        |text: &&str| words(address(text).map_or(*text, |(beginning, _)| beginning)).into_iter().take(MAX_WORDS_EACH);
    without_prefixes(texts.iter().flat_map(text).collect())
}

/// An address, parted before the last part of its domain.
fn address(text: &str) -> Option<(&str, &str)> {
    text.contains('@').then(|| text.rsplit_once('.')).flatten()
}

/// The words of a text: without case and accents, parted as Unicode parts words and at punctuation, since `anna.smith` is two.
fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfkc().default_case_fold().nfd().filter(|c| !is_accent(*c)).map(plain).nfc().collect();
    let parts = folded.split(|c: char| c.is_ascii_punctuation());
    parts.flat_map(str::unicode_words).map(|word| word.chars().take(MAX_WORD).collect()).collect()
}

/// Apostrophes as a keyboard has them, whichever a telephone has made of them; and the Turkish i without its dot, as most
/// people type it.
const fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{2BC}' => '\'',
        '\u{131}' => 'i',
        c => c,
    }
}

/// Accents above and below letters; the marks of scripts that cannot be read without them are none.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

fn without_prefixes(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    // A word's extensions are sorted right behind it.
    let next = words.iter().skip(1).cloned().chain([String::new()]).collect::<Vec<_>>();
    let kept = words.into_iter().zip(next).filter(|(word, next)| !next.starts_with(word.as_str()));
    kept.map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures;
    use crate::user::UserType;

    fn user(name: &str, login: &str, email: Option<&str>) -> User {
        let email = email.map(|email| Email::parse(email).unwrap());
        User {
            name: name.into(),
            login: login.into(),
            email,
            ..fixtures::user(&fixtures::account("unlimited"), UserType::Member, 7)
        }
    }

    #[test]
    fn any_word_is_found_by_its_beginning() {
        let anna = user("Anna-Maria O'Brien Müller", "a.mueller_84", Some("anna+crm@firm.example"));
        for (typed, found) in [
            ("anna", true),
            ("ANN", true),
            ("maria", true),
            ("bri", true),
            ("mull", true),
            ("Mü", true),
            ("MU\u{308}L", true),
            ("mueller", true),
            ("84", true),
            ("crm", true),
            ("firm.ex", true),
            ("anna+crm@firm.example", true),
            ("müller anna", true),
            ("  o'brien ", true),
            ("nna", false),
            ("anna schmidt", false),
            ("firm.examples", false),
            ("exa", false),
            ("mueller firm.exa", true),
            ("a.mue", true),
            ("a.xyz", false),
            ("@", false),
            ("...", false),
        ] {
            assert_eq!(Search::parse(typed).unwrap().finds(&anna), found, "{typed}");
        }
        for (typed, shown, name) in
            [("anna müller", true, true), ("firm", true, false), ("anna 84", false, false), ("firm.exa", true, false)]
        {
            let search = Search::parse(typed).unwrap();
            assert_eq!(search.clone().without_logins(true).finds(&anna), shown, "{typed} without logins");
            assert_eq!(search.without_logins(false).finds(&anna), name, "{typed} by name");
        }
        assert_eq!(Search::parse(" \t"), None);
        assert_eq!(Search::parse(""), None);
    }

    #[test]
    fn every_script_has_words() {
        for (name, typed) in [
            ("Олена Коваленко", "ковал"),
            ("Йосип Їжак", "їж"),
            ("Γιώργος Παπαδόπουλος", "παπαδοπ"),
            ("山田 太郎", "太郎"),
            ("山田太郎", "太"),
            ("김민수", "김민"),
            ("अनिल कुमार", "कुम"),
            ("محمد علي", "عل"),
            ("ＡＮＮＡ", "anna"),
            ("Straße", "strass"),
            ("ﬁnn", "fi"),
            ("İpek", "ipe"),
            ("İstanbul Işık", "ISIK"),
            ("Işık", "ışı"),
            ("Мар’яна", "мар'яна"),
            ("Ім'я", "імʼя"),
            ("O’Brien", "brien"),
        ] {
            assert!(Search::parse(typed).unwrap().finds(&user(name, "x", None)), "{typed} in {name}");
        }
    }

    #[test]
    fn words_are_kept_once_and_few() {
        let anna = user("Anna A. Annabel", "ANNABEL@firm.example", Some("annabel@firm.example"));
        assert_eq!(words_of(&anna), ["annabel", "firm"]);
        let long = user(&"x".repeat(300), "y", None);
        assert_eq!(words_of(&long), ["x".repeat(MAX_WORD), "y".into()]);
        // However long the name, login and address find their user.
        let many: Vec<String> = (100..199).map(|n| n.to_string()).collect();
        let hidden = user(&many.join(" "), "zoe", Some("zoe@zoo.example"));
        assert_eq!(words_of(&hidden).len(), MAX_WORDS_EACH + 2);
        assert!(Search::parse("zoe@zoo.example").unwrap().finds(&hidden));
        assert!(words_of(&user(&many.join(" "), &many.join("-"), None)).len() <= MAX_WORDS);
        let gone = User { status: UserStatus::Deleted, ..anna };
        assert_eq!(words_of(&gone), Vec::<String>::new());
        assert!(!Search::parse("anna").unwrap().finds(&gone));
    }
}
