//! A chat server over WebSocket, by `tungstenite`, and its load.

use std::net::TcpStream;
use tungstenite::Message;

fn serve(stream: TcpStream) {
    let Ok(mut socket) = tungstenite::accept(stream) else { return };
    while let Ok(message) = socket.read() {
        let Ok(text) = message.to_text() else { return };
        if socket.send(Message::text(format!("{{\"said\":\"{}\"}}", text.to_uppercase()))).is_err() {
            return;
        }
    }
}

fn main() {
    services::run(&runner::Options::read(), serve, |address, shift| {
        let stream = TcpStream::connect(address).expect("the server");
        let (mut socket, _) =
            tungstenite::client(format!("ws://{address}/chat"), stream).expect("the server");
        while shift.goes_on() {
            socket.send(Message::text("good morning, everybody ".repeat(8))).expect("the server");
            std::hint::black_box(socket.read().expect("the server"));
        }
    });
}
