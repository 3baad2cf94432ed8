//! Owns the list of file types that received files have: their keys, their printed names, and the endings that each may carry. Refuses
//! to know how a type is recognised from bytes: that is `formats::file_type`.

/// Declares the types: doc text, variant, key, printed name, endings (the key's own first).
macro_rules! file_types {
    ($($(#[$doc:meta])* $name:ident $key:literal $label:literal [$($ending:literal),*]),+ $(,)?) => {
        /// What a file is by its content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum FileType {
            $($(#[$doc])* $name,)+
            /// Nothing that this program knows.
            #[default]
            Unknown,
        }

        impl FileType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name,)+ Self::Unknown];

            /// The key in the contest file and in JSON.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The printed name.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)+
                    Self::Unknown => "未知格式",
                }
            }

            /// The endings that a file of this type may carry, lower case, without the dot, the usual one first. Empty: any.
            #[must_use]
            pub fn endings(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($ending),*],)+
                    Self::Unknown => &[],
                }
            }
        }
    };
}

file_types! {
    /// PDF.
    Pdf "pdf" "PDF" ["pdf", "ai"],
    /// JPEG picture.
    Jpg "jpg" "JPG 图片" ["jpg", "jpeg", "jpe", "jfif"],
    /// PNG picture.
    Png "png" "PNG 图片" ["png"],
    /// GIF picture.
    Gif "gif" "GIF 图片" ["gif"],
    /// Windows bitmap.
    Bmp "bmp" "BMP 图片" ["bmp", "dib"],
    /// TIFF picture.
    Tiff "tiff" "TIFF 图片" ["tiff", "tif"],
    /// Picture of an Apple phone.
    Heic "heic" "HEIC 图片" ["heic", "heif"],
    /// WebP picture.
    Webp "webp" "WebP 图片" ["webp"],
    /// Photoshop picture.
    Psd "psd" "PSD 图片" ["psd"],
    /// SVG drawing.
    Svg "svg" "SVG 图形" ["svg"],
    /// PostScript drawing.
    Eps "eps" "EPS 图形" ["eps", "ps", "ai"],
    /// MPEG-4 video.
    Mp4 "mp4" "MP4 视频" ["mp4", "m4v"],
    /// QuickTime video.
    Mov "mov" "MOV 视频" ["mov", "qt"],
    /// Phone video.
    ThreeGp "3gp" "3GP 视频" ["3gp", "3g2"],
    /// AVI video.
    Avi "avi" "AVI 视频" ["avi"],
    /// Windows Media.
    Wmv "wmv" "WMV 视频" ["wmv", "asf", "wma"],
    /// Matroska video.
    Mkv "mkv" "MKV 视频" ["mkv"],
    /// WebM video.
    Webm "webm" "WebM 视频" ["webm"],
    /// Flash video.
    Flv "flv" "FLV 视频" ["flv"],
    /// RealMedia video.
    Rmvb "rmvb" "RMVB 视频" ["rmvb", "rm"],
    /// MPEG video.
    Mpg "mpg" "MPG 视频" ["mpg", "mpeg", "vob"],
    /// MPEG transport stream.
    Ts "ts" "TS 视频" ["ts", "mts", "m2ts"],
    /// MP3 sound.
    Mp3 "mp3" "MP3 音频" ["mp3"],
    /// WAV sound.
    Wav "wav" "WAV 音频" ["wav"],
    /// AAC sound.
    M4a "m4a" "M4A 音频" ["m4a"],
    /// Old Word and WPS document.
    Doc "doc" "Word 文档（doc）" ["doc", "wps", "dot", "wpt"],
    /// Old Excel and WPS workbook.
    Xls "xls" "Excel 工作簿（xls）" ["xls", "et", "xlt"],
    /// Old PowerPoint and WPS slides.
    Ppt "ppt" "PPT 演示文稿（ppt）" ["ppt", "pps", "dps"],
    /// Word document.
    Docx "docx" "Word 文档（docx）" ["docx", "docm", "dotx"],
    /// Excel workbook.
    Xlsx "xlsx" "Excel 工作簿（xlsx）" ["xlsx", "xlsm", "xltx"],
    /// Binary Excel workbook.
    Xlsb "xlsb" "Excel 工作簿（xlsb）" ["xlsb"],
    /// PowerPoint slides.
    Pptx "pptx" "PPT 演示文稿（pptx）" ["pptx", "ppsx", "pptm"],
    /// OpenDocument text.
    Odt "odt" "OpenDocument 文档" ["odt"],
    /// OpenDocument spreadsheet.
    Ods "ods" "OpenDocument 表格" ["ods"],
    /// OpenDocument slides.
    Odp "odp" "OpenDocument 演示文稿" ["odp"],
    /// The national layout document.
    Ofd "ofd" "OFD 文档" ["ofd"],
    /// Rich text.
    Rtf "rtf" "RTF 文档" ["rtf", "doc"],
    /// An office file in a compound container that says no more, or an encrypted one.
    Office "office" "Office 文件" ["doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps"],
    /// An Outlook message.
    Msg "msg" "Outlook 邮件" ["msg"],
    /// A mail.
    Eml "eml" "邮件" ["eml"],
    /// A web page or XML.
    Html "html" "网页或 XML" ["html", "htm", "xml", "mht"],
    /// Plain text.
    Txt "txt" "文本" ["txt", "csv", "tsv", "md", "log"],
    /// ZIP archive.
    Zip "zip" "ZIP 压缩包" ["zip"],
    /// RAR archive.
    Rar "rar" "RAR 压缩包" ["rar"],
    /// 7z archive.
    SevenZip "7z" "7Z 压缩包" ["7z"],
    /// Gzip archive.
    Gzip "gz" "GZ 压缩包" ["gz", "tgz"],
    /// A contest file of this program.
    Contest "dasai" "大赛文件" ["dasai"],
}

impl FileType {
    /// The type with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.key() == key)
    }

    /// Whether a file of this type is one of the `allowed` endings of the rules; no endings allow everything. An encrypted or
    /// unnamed office file may be any of its endings.
    #[must_use]
    pub fn is_one_of(self, allowed: &[String]) -> bool {
        allowed.is_empty() || self.endings().iter().any(|ending| allowed.iter().any(|allowed| allowed == ending))
    }

    /// Whether a file of this type may carry this ending (lower case, without the dot).
    #[must_use]
    pub fn may_end(self, ending: &str) -> bool {
        self.endings().is_empty() || self.endings().contains(&ending)
    }

    /// Whether this is a moving picture.
    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(
            self,
            Self::Mp4
                | Self::Mov
                | Self::ThreeGp
                | Self::Avi
                | Self::Wmv
                | Self::Mkv
                | Self::Webm
                | Self::Flv
                | Self::Rmvb
                | Self::Mpg
                | Self::Ts
        )
    }
}

/// What can be told cheaply of a file's soundness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Condition {
    /// Nothing wrong was seen.
    #[default]
    Sound,
    /// No bytes at all.
    Empty,
    /// Cut short or broken.
    Broken,
    /// Protected by a password.
    Encrypted,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 4] = [Self::Sound, Self::Empty, Self::Broken, Self::Encrypted];

    /// The key in the contest file and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Empty => "empty",
            Self::Broken => "broken",
            Self::Encrypted => "encrypted",
        }
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sound => "完好",
            Self::Empty => "空文件",
            Self::Broken => "内容不完整",
            Self::Encrypted => "有打开密码",
        }
    }

    /// The condition with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }
}
