//! Laws and examples of received recommendation sheets.
