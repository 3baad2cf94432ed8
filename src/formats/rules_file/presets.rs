//! Owns the built-in rules: TOML texts that go through the same door as everybody's.

/// A built-in rules file.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, one line.
    pub about: &'static str,
    /// The rules as TOML.
    pub text: &'static str,
}

/// All presets; the first one is the default.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "shanghai-2024",
        about: "上海市质量品牌故事大赛（沪质协〔2024〕32号）：演讲、微电影、创新案例",
        text: include_str!("../presets/shanghai-2024.toml"),
    },
    Preset {
        name: "national-2025", about: "全国赛样式：演讲、征文、微电影、短视频", text: include_str!("../presets/national-2025.toml")
    },
];

/// A built-in preset's text by name (`shanghai-2024`, `national-2025`).
#[must_use]
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|preset| preset.name == name).map(|preset| preset.text)
}
