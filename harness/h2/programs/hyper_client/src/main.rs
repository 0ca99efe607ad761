//! hyper's client over HTTP/2 in clear text: POSTs to /length, one /chat across.
//! Prints and ends as grpc_service.txt says.

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{to_bytes, Bytes, HttpBody, Sender};
use hyper::client::HttpConnector;
use hyper::{Body, Client, Request};

type Http2 = Client<HttpConnector>;

fn post(url: &str, path: &str, content: Body) -> Request<Body> {
    Request::post(format!("http://{url}{path}")).body(content).unwrap()
}

async fn length(client: &Http2, url: &str, size: usize) -> Result<(), String> {
    let content = Body::from(vec![b'x'; size]);
    let call = async {
        let answer = client.request(post(url, "/length", content)).await?;
        to_bytes(answer.into_body()).await
    };
    let said = tokio::time::timeout(Duration::from_secs(60), call).await;
    let content = said.map_err(|_| "no answer".to_string())?.map_err(|error| error.to_string())?;
    if content == size.to_string().as_bytes() { Ok(()) } else { Err("a wrong answer".to_string()) }
}

/// One stream that stays open: what is sent comes back.
struct Chat {
    to: Sender,
    from: Body,
}

impl Chat {
    async fn open(client: &Http2, url: &str) -> Chat {
        let (to, content) = Body::channel();
        let answer = client.request(post(url, "/chat", content)).await.unwrap();
        Chat { to, from: answer.into_body() }
    }

    async fn echoes(&mut self, word: &'static str) -> bool {
        if self.to.send_data(Bytes::from_static(word.as_bytes())).await.is_err() {
            return false;
        }
        let mut heard = Vec::new();
        while heard.len() < word.len() {
            match self.from.data().await {
                Some(Ok(some)) => heard.extend_from_slice(&some),
                _ => return false,
            }
        }
        heard == word.as_bytes()
    }

    async fn ended(mut self) -> &'static str {
        drop(self.to);
        match to_bytes(self.from).await {
            Ok(rest) if rest.is_empty() => "whole",
            Ok(_) => "more",
            Err(_) => "broken",
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let words: Vec<String> = std::env::args().collect();
    let url = words[1].clone();
    let (requests, clients): (usize, usize) = (words[2].parse().unwrap(), words[3].parse().unwrap());
    let client: Http2 = Client::builder().http2_only(true).build_http();
    let mut chat = Chat::open(&client, &url).await;
    let whole = chat.echoes("first").await;
    let next = Arc::new(AtomicUsize::new(0));
    let visits: Vec<_> = (0..clients).map(|_| {
        let (client, url, next) = (client.clone(), url.clone(), next.clone());
        tokio::spawn(async move {
            let mut errors = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return errors;
                }
                if let Err(error) = length(&client, &url, number % 100).await {
                    errors.push(error);
                }
            }
        })
    }).collect();
    let mut errors: HashMap<String, usize> = HashMap::new();
    for visit in visits {
        for error in visit.await.unwrap() {
            *errors.entry(error.replace(['"', '\\', '\n'], "'")).or_default() += 1;
        }
    }
    let failed: usize = errors.values().sum();
    let long = if chat.echoes("last").await && whole { chat.ended().await } else { "no echo" };
    let told: Vec<String> = errors.iter().map(|(error, times)| format!("\"{error}\": {times}")).collect();
    println!("{{\"ok\": {}, \"failed\": {failed}, \"errors\": {{{}}}, \"long\": \"{long}\"}}",
             requests - failed, told.join(", "));
    tokio::task::block_in_place(|| std::io::stdin().read_to_end(&mut Vec::new()).unwrap());
    std::process::exit(0);
}
